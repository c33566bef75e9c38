/** Reads a field that counts seconds, with the bounds the service puts on it. */
import { flowFor } from './flow/flow-for';
import type { Visit } from './visit';

const LONGEST_SECONDS = 99_999_999;

export async function secondsField(
  visit: Visit,
  name: 'Seconds' | 'TimeoutSeconds' | 'HeartbeatSeconds',
): Promise<number | undefined> {
  const value = await flowFor(visit).field(visit, name, 'number');
  if (value === undefined) return undefined;
  if (typeof value === 'number' && Number.isInteger(value) && value >= 0 && value <= LONGEST_SECONDS) return value;
  const message =
    typeof value === 'number' && Number.isInteger(value)
      ? `${name} must be between 0 and ${LONGEST_SECONDS} but was: ${value}`
      : `The ${name} field cannot be parsed as an integer: ${JSON.stringify(value)}`;
  if (visit.state.QueryLanguage === 'JSONPath') throw visit.runtimeFailure(message);
  throw visit.evaluationFailure(message, name);
}
