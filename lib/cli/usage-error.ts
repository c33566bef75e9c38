/** The command line cannot be understood. */
import { ExpectedError } from '../core/expected-error';

export class UsageError extends ExpectedError {
  override readonly name = 'UsageError';
  constructor(readonly problems: readonly string[]) {
    super(`${problems.join('\n')}\nbluegreen --help says what is allowed`);
  }
}
