/** The ARNs of state machines and executions, made and read. */
import { StatesServiceError } from './states-service-error';

export interface StatesAccount {
  readonly region: string;
  readonly accountId: string;
}

const STATE_MACHINE = /^arn:[^:]+:states:[^:]*:\d{12}:stateMachine:[^:/\s]+$/;
const EXECUTION = /^arn:[^:]+:states:[^:]*:\d{12}:execution:[^:/\s]+:[^\s]+$/;
/** White space, brackets, wildcards, and other characters the service keeps out of names. */
const FORBIDDEN = /[\s<>{}[\]?*"#%\\^|~`$&,;:/]|\p{Cc}/u;

export function stateMachineArn({ region, accountId }: StatesAccount, name: string): string {
  return `arn:aws:states:${region}:${accountId}:stateMachine:${name}`;
}

export function executionArn(machineArn: string, name: string): string {
  return `${machineArn.replace(':stateMachine:', ':execution:')}:${name}`;
}

/** @throws StatesServiceError InvalidArn */
export function demandStateMachineArn(arn: string): string {
  return demand(arn, STATE_MACHINE);
}

/** @throws StatesServiceError InvalidArn */
export function demandExecutionArn(arn: string): string {
  return demand(arn, EXECUTION);
}

/** @throws StatesServiceError InvalidName */
export function demandName(name: string): string {
  if (name.length >= 1 && name.length <= 80 && !FORBIDDEN.test(name)) return name;
  throw new StatesServiceError('InvalidName', `Invalid Name: '${name}'`);
}

function demand(arn: string, form: RegExp): string {
  if (form.test(arn)) return arn;
  const reason = arn.startsWith('arn:') ? 'Resource type not valid in this context' : 'Invalid ARN prefix';
  throw new StatesServiceError('InvalidArn', `Invalid Arn: '${reason}: ${arn}'`);
}
