/** The failure of a run that has no way to what it needs. */
import { BlueGreenError } from './errors';

/** An API, a server, or one side as seen from the other cannot be reached; looked at before anything is touched. */
export class Unreachable extends BlueGreenError {
  readonly policy = 'refuse';
  constructor(readonly reasons: readonly string[]) {
    super(
      `what a run needs cannot be reached, nothing was touched:\n${reasons.map((reason) => `  - ${reason}`).join('\n')}`,
    );
  }
}
