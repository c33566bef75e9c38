/** The states that only pass data on or end: Pass, Succeed, Fail. */
import { flowFor } from '../flow/flow-for';
import type { Outcome } from '../outcome';
import { StateFailure } from '../state-failure';
import type { Visit } from '../visit';

export async function runPass(visit: Visit): Promise<Outcome> {
  const { Result, Next } = visit.state;
  return { ...(await flowFor(visit).yielded(visit, Result === undefined ? {} : { result: Result })), next: Next };
}

export async function runSucceed(visit: Visit): Promise<Outcome> {
  return flowFor(visit).yielded(visit, {});
}

export async function runFail(visit: Visit): Promise<never> {
  const error = await flowFor(visit).field(visit, 'Error', 'string');
  const cause = await flowFor(visit).field(visit, 'Cause', 'string');
  throw new StateFailure({
    ...(error === undefined ? {} : { error: String(error) }),
    ...(cause === undefined ? {} : { cause: String(cause) }),
  });
}
