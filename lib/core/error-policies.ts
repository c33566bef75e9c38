/** What the state machine does about each error: the one table its Retry lists are made from. */
import type { Policy } from './errors';

/** Every error class a phase may throw. The Retry lists of the state machine are made from this table and nothing else. */
export const ERROR_POLICIES = {
  PlanInvalid: 'refuse',
  BlueNotFound: 'refuse',
  BlueNotAvailable: 'refuse',
  BlueIsReadReplica: 'refuse',
  RunLocked: 'refuse',
  ChangeAltered: 'refuse',
  LedgerBroken: 'refuse',
  GuardrailViolated: 'refuse',
  SecretUnusable: 'refuse',
  Unreachable: 'refuse',
  ForeignResource: 'stop',
  ResourceFailed: 'stop',
  GreenNotOurs: 'stop',
  FreezeFailed: 'stop',
  FreezeExpired: 'stop',
  ChangeFailed: 'stop',
  ChangeLost: 'stop',
  DatabaseRefused: 'stop',
  ControlPlaneRefused: 'stop',
  SwitchoverRefused: 'stop',
  LineageLost: 'stop',
  SeedUnusable: 'stop',
  FollowingBroken: 'stop',
  WayBackDiffers: 'stop',
  ValidationFailed: 'stop',
  TypesNotFollowed: 'stop',
  SchemaDrifted: 'stop',
  TooMuchWalKept: 'stop',
  FollowingTooSlow: 'stop',
  ComparisonTooSlow: 'stop',
  AlarmFired: 'stop',
  TemporarilyUnavailable: 'retry',
  ResourceBusy: 'retry',
  RollbackFailed: 'retry',
} as const satisfies Record<string, Policy>;

export function errorNames(policy: Policy): string[] {
  return Object.entries(ERROR_POLICIES)
    .filter(([, value]) => value === policy)
    .map(([name]) => name);
}

/**
 * Failures of the invocation itself, not of the phase. A phase is a reconciler, so trying again is always right.
 *
 * Source: Step Functions developer guide, "Handling Lambda service exceptions"; `Lambda.Unknown` is a crashed or timed-out runtime.
 */
export const INVOCATION_FAILURES: readonly string[] = [
  'Lambda.ClientExecutionTimeoutException',
  'Lambda.ServiceException',
  'Lambda.AWSLambdaException',
  'Lambda.SdkClientException',
  'Lambda.TooManyRequestsException',
  'Lambda.Unknown',
  'Sandbox.Timedout',
  'States.Timeout',
];
