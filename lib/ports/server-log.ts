/** The server's own log: how its files are called, and how it is read. */

/** What an engine writes. */
export interface ServerLogFormat {
  /** Part of the names of its files, and of no others. */
  readonly fileNames: string;
  /**
   * What was said since a moment, in whole entries, without the statements they are about: those may hold what is secret.
   *
   * @param sinceMs by the clock of the server
   * @param limit of the lines that qualify the last so many are given
   */
  since(lines: readonly string[], sinceMs: number, limit: number): string[];
}
