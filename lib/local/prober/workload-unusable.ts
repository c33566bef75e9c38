/** The database does not take a statement of the plan's workload. */
import { ExpectedError } from '../../core/expected-error';

export class WorkloadUnusable extends ExpectedError {
  override readonly name = 'WorkloadUnusable';
  constructor(
    readonly kind: 'write' | 'update' | 'delete' | 'read',
    readonly user: string,
    cause: Error,
  ) {
    super(
      `local/workload.sql: user "${user}" cannot run the ${kind}: ${cause.message}; mend the statement, or let ` +
        'local/seed.sql make what it needs and grant the rights to it',
      { cause },
    );
  }
}
