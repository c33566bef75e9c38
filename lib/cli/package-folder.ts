/** Where this package begins, whether its TypeScript sources run or what was compiled from them into `dist`. */
import { existsSync } from 'node:fs';
import { dirname, join } from 'node:path';

/** The folder at or above `from` that holds a package.json. */
export function packageFolder(from: string): string {
  return existsSync(join(from, 'package.json')) || from === dirname(from) ? from : packageFolder(dirname(from));
}
