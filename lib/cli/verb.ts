/** A verb of the command line: a file below `verbs/` with its usage, its options and what it does. */

export interface Terminal {
  readonly stdout: NodeJS.WriteStream;
  readonly stderr: NodeJS.WriteStream;
}

export interface Verb {
  readonly name: string;
  /** What it does, in the list of all verbs. */
  readonly summary: string;
  readonly usage: string;
  /** @returns the exit code */
  run(args: readonly string[], terminal: Terminal): Promise<number>;
}
