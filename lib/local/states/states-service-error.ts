/** The refusal of a request, with the error code that Step Functions gives it. */

export type StatesErrorCode =
  | 'ExecutionAlreadyExists'
  | 'ExecutionDoesNotExist'
  | 'InvalidArn'
  | 'InvalidExecutionInput'
  | 'InvalidName'
  | 'InvalidOutput'
  | 'InvalidToken'
  | 'StateMachineDoesNotExist'
  | 'TaskDoesNotExist'
  | 'TaskTimedOut'
  | 'UnknownOperationException'
  | 'ValidationException'
  | 'SerializationException';

export class StatesServiceError extends Error {
  override readonly name = 'StatesServiceError';

  constructor(
    readonly code: StatesErrorCode,
    message: string,
  ) {
    super(message);
  }
}
