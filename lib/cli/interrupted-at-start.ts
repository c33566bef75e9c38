/** Ctrl-C came before the run had begun: there is nothing to undo. */
export class InterruptedAtStart extends Error {
  override readonly name = 'InterruptedAtStart';
  constructor(options: ErrorOptions) {
    super('stopped before the run began; nothing was changed', options);
  }
}
