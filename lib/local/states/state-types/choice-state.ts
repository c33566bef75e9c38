/** Choice: the first rule whose condition holds says where to go; its Assign and Output count instead of the state's. */
import { flowFor } from '../flow/flow-for';
import type { Outcome } from '../outcome';
import type { Visit } from '../visit';

export async function runChoice(visit: Visit): Promise<Outcome> {
  const flow = flowFor(visit);
  const { Choices = [], Default } = visit.state;
  for (const [index, rule] of Choices.entries()) {
    if (await flow.condition(visit, rule, index)) {
      const location = `Choices[${index}]/`;
      return { ...(await flow.yielded(visit, { fields: rule, location })), next: rule.Next };
    }
  }
  if (Default === undefined) {
    // The language calls this States.NoChoiceMatched; the service reports it so.
    throw visit.runtimeFailure('Failed to transition out of the state. The state does not point to a next state.');
  }
  return { ...(await flow.yielded(visit, {})), next: Default };
}
