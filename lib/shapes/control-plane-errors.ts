/** Tells the RDS API's passing refusals from its final ones. */
import { BlueGreenError, ControlPlaneRefused, ResourceBusy, TemporarilyUnavailable } from '../core/errors';

/** `name` of the SDK's error: the shape's name where it is modelled, the wire code where it is not. */
const PASSING = new Set([
  'InsufficientDBInstanceCapacityFault',
  'Throttling',
  'ThrottlingException',
  'RequestLimitExceeded',
  'DBInstanceNotReadyFault',
  'ServiceUnavailable',
  'InternalFailure',
  'TimeoutError',
  'NetworkingError',
]);

/** Refused because of the resource's status, in which it may be for hours: in the midst of its nightly backup, say. */
const BUSY = new Set(['InvalidDBInstanceStateFault', 'InvalidDBSnapshotStateFault']);

const NETWORK = /^(ECONN|ENOTFOUND|ENET|EHOST|ETIMEDOUT|EPIPE|EAI_)/;

/** The create call of an earlier, interrupted invocation had reached the service: the next look finds the resource. */
const ALREADY_EXISTS = /AlreadyExistsFault$/;

export function explained(operation: string, error: unknown): Error {
  if (error instanceof BlueGreenError || !(error instanceof Error)) {
    return error instanceof Error ? error : new Error(String(error));
  }
  if (BUSY.has(error.name)) {
    return new ResourceBusy(operation, { cause: error });
  }
  const { code } = error as NodeJS.ErrnoException;
  const status = (error as { $metadata?: { httpStatusCode?: number } }).$metadata?.httpStatusCode ?? 0;
  const passing =
    PASSING.has(error.name) || ALREADY_EXISTS.test(error.name) || NETWORK.test(code ?? '') || status >= 500;
  return passing
    ? new TemporarilyUnavailable(`RDS (${operation})`, { cause: error })
    : new ControlPlaneRefused(operation, error.name, { cause: error });
}
