/** Data flow in JSONata: Arguments, Assign and Output are templates whose `{% … %}` strings are evaluated. */
import type { MapItem } from '../branch';
import type { Catcher, ChoiceRule } from '../definition';
import { copyOf, isObject, type JsonObject, type JsonValue, typeName } from '../json-value';
import { expressionIn } from '../jsonata-expression';
import type { Visit } from '../visit';
import type { DataFlow, ResultOf, ValueField, Yield } from './data-flow';

/** What expressions see: the variables as of the state's entry, and `$states`. */
interface Query {
  readonly visit: Visit;
  readonly variables: JsonObject;
}

export class JsonataFlow implements DataFlow {
  async arguments(visit: Visit): Promise<JsonValue> {
    const { Arguments } = visit.state;
    return Arguments === undefined ? visit.input : fill(queryOf(visit), Arguments, 'Arguments');
  }

  async field(visit: Visit, name: ValueField, expected: 'number' | 'string'): Promise<JsonValue | undefined> {
    const template = visit.state[name];
    if (template === undefined) return undefined;
    return typed(queryOf(visit), template, { location: name, expected });
  }

  async items(visit: Visit): Promise<JsonValue> {
    const { Items } = visit.state;
    if (Items === undefined) return visit.input;
    return typed(queryOf(visit), Items, { location: 'Items', expected: 'array' });
  }

  async itemInput(visit: Visit, item: MapItem): Promise<JsonValue> {
    const { ItemSelector } = visit.state;
    if (ItemSelector === undefined) return item.Value;
    return fill(queryOf(visit, { context: visit.context(item) }), ItemSelector, 'ItemSelector');
  }

  async condition(visit: Visit, { Condition }: ChoiceRule, index: number): Promise<boolean> {
    const location = `Choices[${index}]/Condition`;
    return (await typed(queryOf(visit), Condition, { location, expected: 'boolean' })) as boolean;
  }

  async yielded(visit: Visit, { result, fields = visit.state, location = '' }: ResultOf): Promise<Yield> {
    const query = queryOf(visit, result === undefined ? {} : { result });
    const assigned = await assignment(query, fields.Assign, `${location}Assign`);
    const untouched = result === undefined ? visit.input : result;
    const output = fields.Output === undefined ? untouched : await fill(query, fields.Output, `${location}Output`);
    return { output, ...assigned };
  }

  async caught(
    visit: Visit,
    catcher: Catcher,
    { index, errorOutput }: { index: number; errorOutput: JsonObject },
  ): Promise<Yield> {
    const query = queryOf(visit, { errorOutput });
    const assigned = await assignment(query, catcher.Assign, `Catch[${index}]/Assign`);
    const output =
      catcher.Output === undefined ? errorOutput : await fill(query, catcher.Output, `Catch[${index}]/Output`);
    return { output, ...assigned };
  }
}

function queryOf(visit: Visit, more: JsonObject = {}): Query {
  const states = copyOf({ input: visit.input, context: visit.context(), ...more });
  return { visit, variables: { ...visit.branch.scope.visible(), states } };
}

async function assignment(
  query: Query,
  template: JsonObject | undefined,
  location: string,
): Promise<{ assigned?: JsonObject }> {
  return template === undefined ? {} : { assigned: (await fill(query, template, location)) as JsonObject };
}

/** The template with every expression in it replaced by what it evaluates to. */
async function fill(query: Query, template: JsonValue, location: string): Promise<JsonValue> {
  if (typeof template === 'string') {
    const expression = expressionIn(template);
    return expression === undefined ? template : evaluate(query, expression, location);
  }
  if (Array.isArray(template)) {
    const filled: JsonValue[] = [];
    for (const [index, item] of template.entries()) filled.push(await fill(query, item, `${location}[${index}]`));
    return filled;
  }
  if (!isObject(template)) return template;
  const filled: JsonObject = {};
  for (const [key, item] of Object.entries(template)) filled[key] = await fill(query, item, `${location}/${key}`);
  return filled;
}

async function evaluate({ visit, variables }: Query, expression: string, location: string): Promise<JsonValue> {
  const evaluation = await visit.engine.evaluator.evaluate(expression, variables);
  if (evaluation.kind === 'value') return evaluation.value;
  const said = {
    undefined: 'returned nothing (undefined).',
    unsupported: 'returned an unsupported result type.',
    error: `threw an error during evaluation. ${evaluation.kind === 'error' ? evaluation.message : ''}`,
  }[evaluation.kind];
  throw visit.evaluationFailure(
    `The JSONata expression '${expression}' specified for the field '${location}' ${said}`,
    location,
  );
}

interface Expectation {
  readonly location: string;
  readonly expected: 'number' | 'string' | 'boolean' | 'array';
}

async function typed(query: Query, template: JsonValue, { location, expected }: Expectation): Promise<JsonValue> {
  const value = await fill(query, template, location);
  const found = typeName(value);
  if (found === expected) return value;
  const expression = typeof template === 'string' ? expressionIn(template) : undefined;
  const subject = expression === undefined ? 'The value' : `The JSONata expression '${expression}'`;
  throw query.visit.evaluationFailure(
    `${subject} specified for the field '${location}' returned an unexpected result type. ` +
      `Expected '${expected}', but was '${found}' for value: ${JSON.stringify(value)}`,
    location,
  );
}
