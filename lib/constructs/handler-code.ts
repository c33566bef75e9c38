/** The code of all functions: one folder that was bundled before, so that a synth needs no bundler. */
import { existsSync } from 'node:fs';
import { join } from 'node:path';
import { Stack } from 'aws-cdk-lib';
import { Code } from 'aws-cdk-lib/aws-lambda';
import type { Construct } from 'constructs';

/** From this file in the package, and from this file in a checkout. */
const FOLDERS = ['../../handlers', '../../dist/handlers'];

/**
 * To be shared by the functions of one stack, which makes it one asset.
 *
 * In a checkout that has not bundled, a stack that is made for its definition alone does without.
 */
export function handlerCode(scope: Construct): Code {
  const folder = FOLDERS.map((path) => join(__dirname, path)).find((path) => existsSync(join(path, 'index.js')));
  if (folder !== undefined) {
    return Code.fromAsset(folder);
  }
  if (Stack.of(scope).bundlingRequired) {
    throw new Error(
      'dist/handlers/index.js, the code of the functions, is missing; in a checkout "npm run bundle" makes it, and the published package has it',
    );
  }
  return Code.fromInline('// this stack was made for its definition alone');
}
