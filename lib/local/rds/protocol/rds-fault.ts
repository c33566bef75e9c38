/** An error as the RDS API reports it: AWS's wire code, its HTTP status and a message. */

const HTTP_STATUS = {
  DBInstanceAlreadyExists: 400,
  DBInstanceNotFound: 404,
  DBInstanceNotReady: 400,
  DBInstanceRoleAlreadyExists: 400,
  DBInstanceRoleNotFound: 404,
  DBLogFileNotFoundFault: 404,
  DBParameterGroupAlreadyExists: 400,
  DBParameterGroupNotFound: 404,
  DBParameterGroupQuotaExceeded: 400,
  DBSnapshotAlreadyExists: 400,
  DBSnapshotNotFound: 404,
  InstanceQuotaExceeded: 400,
  InternalFailure: 500,
  InvalidAction: 400,
  InvalidDBInstanceState: 400,
  InvalidDBParameterGroupState: 400,
  InvalidDBSnapshotState: 400,
  InvalidParameterCombination: 400,
  InvalidParameterValue: 400,
  MalformedQueryString: 404,
  MissingAction: 400,
  MissingParameter: 400,
  SnapshotQuotaExceeded: 400,
} as const;

export type FaultCode = keyof typeof HTTP_STATUS;

export class RdsFault extends Error {
  override readonly name = 'RdsFault';

  constructor(
    readonly code: FaultCode,
    message: string,
    options?: ErrorOptions,
  ) {
    super(message, options);
  }

  get httpStatus(): number {
    return HTTP_STATUS[this.code];
  }

  get type(): 'Sender' | 'Receiver' {
    return this.httpStatus >= 500 ? 'Receiver' : 'Sender';
  }
}
