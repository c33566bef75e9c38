#!/usr/bin/env node
/** The command line: finds the verb, and turns what it throws into a message and an exit code. */

import { UsageError } from '../lib/cli/usage-error';
import { VERBS } from '../lib/cli/verbs';
import { ExpectedError } from '../lib/core/expected-error';

// The SDK's notice about the age of Node.js would stand in the middle of the run's own lines.
process.env.AWS_SDK_JS_NODE_VERSION_SUPPORT_WARNING_DISABLED = 'true';

const USAGE = `bluegreen <verb> [options]

Verbs
${VERBS.map(({ name, summary }) => `  ${name.padEnd(8)}  ${summary}`).join('\n')}

${VERBS.map(({ usage }) => usage).join('\n\n')}`;

async function main(args: readonly string[]): Promise<number> {
  const [name, ...rest] = args;
  if (name === undefined || name === '--help' || name === '-h' || name === 'help') {
    process.stdout.write(`${USAGE}\n`);
    return name === undefined ? 2 : 0;
  }
  const verb = VERBS.find((each) => each.name === name);
  if (!verb) {
    throw new UsageError([`verb "${name}" is not known; allowed: ${VERBS.map((each) => each.name).join(', ')}`]);
  }
  return verb.run(rest, process);
}

const EXIT_CODE_REFUSED = 2;
const EXIT_CODE_BUG = 1;

main(process.argv.slice(2)).then(
  (code) => {
    process.exitCode = code;
  },
  (error: unknown) => {
    const refused = error instanceof ExpectedError;
    const { message, stack } = error instanceof Error ? error : new Error(String(error));
    const verbose = process.argv.includes('--verbose');
    process.stderr.write(`error: ${verbose ? stack : message}\n`);
    if (!refused && !verbose) {
      process.stderr.write('this is a bug of bluegreen; --verbose shows where\n');
    }
    process.exitCode = refused ? EXIT_CODE_REFUSED : EXIT_CODE_BUG;
  },
);
