/** The command line cannot be understood. */
export class UsageError extends Error {
  override readonly name = 'UsageError';
  constructor(readonly problems: readonly string[]) {
    super(`${problems.join('\n')}\nbluegreen --help says what is allowed`);
  }
}
