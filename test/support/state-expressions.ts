/** Evaluates the expressions of the synthesized state machine, as Step Functions does. */
import jsonata from 'jsonata';
import { synthesizeDefinition } from '../../lib/constructs/synthesized-definition';
import { planFixture } from './plan-fixture';
import type { Definition, State } from './states';

const { States: states } = synthesizeDefinition(planFixture()).definition as Definition;

/** A state by its name. */
export function at(name: string): State {
  const found = states[name];
  if (!found) {
    throw new Error(`there is no state "${name}"`);
  }
  return found;
}

/** Evaluates a field as Step Functions does: every expression inside it, with the state's and the run's variables. */
export async function evaluate(field: unknown, variables: Record<string, unknown>): Promise<unknown> {
  if (typeof field === 'string') {
    const expression = /^\{%(.*)%\}$/s.exec(field)?.[1];
    if (expression === undefined) {
      return field;
    }
    const compiled = jsonata(expression);
    compiled.registerFunction('parse', (text: string) => JSON.parse(text), '<s-:x>');
    const value: unknown = await compiled.evaluate(undefined, variables);
    if (value === undefined) {
      throw new Error(`the expression yields nothing: ${expression}`);
    }
    return JSON.parse(JSON.stringify(value));
  }
  if (typeof field === 'object' && field !== null) {
    const entries = await Promise.all(
      Object.entries(field).map(async ([key, value]) => [key, await evaluate(value, variables)]),
    );
    return Array.isArray(field) ? entries.map(([, value]) => value) : Object.fromEntries(entries);
  }
  return field;
}

const context = { Execution: { Name: 'run-7' }, State: { EnteredTime: '2026-01-02T00:00:00.000Z' } };
/** What an expression sees besides variables of the run. */
export const onInput = (input: unknown, variables: Record<string, unknown> = {}) => ({
  states: { input, context },
  ...variables,
});
