/** What the local engine itself cannot do or got wrong, as opposed to what a state machine's execution may meet on AWS. */

/**
 * A missing task handler, a defect of the engine, or something it does not offer.
 *
 * No Retry or Catch sees it: it ends the execution and rejects its result, so that it is never mistaken for a failure
 * the workflow handled.
 */
export class HarnessError extends Error {
  override readonly name = 'HarnessError';
}
