/** Checks a whole definition, block by block: entries, transitions, reachability, variables. */
import type { QueryLanguage } from '../definition';
import { isObject, type JsonObject, type JsonValue } from '../json-value';
import { checkState, type Transitions } from './check-state';
import { Problems } from './problems';

const MACHINE_FIELDS = ['StartAt', 'States', 'Comment', 'QueryLanguage', 'TimeoutSeconds', 'Version'];
const BLOCK_FIELDS = ['StartAt', 'States', 'Comment'];

/** All problems of a definition; none if it can be run. */
export function checkDefinition(definition: JsonObject): Problems {
  const problems = new Problems();
  problems.unknownFields('', definition, MACHINE_FIELDS);
  problems.number('/TimeoutSeconds', definition.TimeoutSeconds, { least: 1, whole: true });
  const language = definition.QueryLanguage ?? 'JSONPath';
  if (language !== 'JSONata' && language !== 'JSONPath') {
    problems.add('/QueryLanguage', `must be JSONata or JSONPath, got ${JSON.stringify(language)}`);
    return problems;
  }
  new BlockCheck(problems, language).check('', definition, new Set());
  return problems;
}

class BlockCheck {
  constructor(
    private readonly problems: Problems,
    private readonly machineLanguage: QueryLanguage,
  ) {}

  /** `outer` are the variables that the blocks around this one set. */
  check(path: string, block: JsonObject, outer: ReadonlySet<string>): void {
    const { problems } = this;
    const states = problems.object(`${path}/States`, block.States) ?? {};
    this.checkVariables(path, states, outer);
    const transitions = new Map<string, Transitions>();
    for (const [name, state] of Object.entries(states)) {
      const at = `${path}/States/${name}`;
      if (name.length > 80) problems.add(at, `the name has ${name.length} characters; at most 80 are allowed`);
      const fields = problems.object(at, state);
      if (!fields) continue;
      const onBlock = (inside: string, inner: JsonValue | undefined) =>
        this.inner(inside, inner, new Set([...outer, ...assignedAround(states, name)]));
      transitions.set(
        name,
        checkState({ problems, path: at, state: fields, machineLanguage: this.machineLanguage, onBlock }),
      );
    }
    if (!Object.values(states).some(isEnd))
      problems.add(path, 'no state ends it; give one "End": true, or add a Succeed or Fail state');
    const start = problems.text(`${path}/StartAt`, block.StartAt);
    if (start !== undefined) this.reach(path, start, transitions);
  }

  private inner(path: string, block: JsonValue | undefined, outer: ReadonlySet<string>): void {
    const fields = this.problems.object(path, block);
    if (!fields) return;
    this.problems.unknownFields(
      path,
      fields,
      path.endsWith('ItemProcessor') ? [...BLOCK_FIELDS, 'ProcessorConfig'] : BLOCK_FIELDS,
    );
    this.check(path, fields, outer);
  }

  /** Follows the transitions from the entry: all must lead to states, and all states must be led to. */
  private reach(path: string, start: string, transitions: ReadonlyMap<string, Transitions>): void {
    const reached = new Set<string>();
    const open: Transitions = [[`${path}/StartAt`, start]];
    for (let next = open.pop(); next; next = open.pop()) {
      const [at, name] = next;
      const onward = transitions.get(name);
      if (!onward) this.problems.add(at, `there is no state '${name}'`);
      else if (!reached.has(name)) open.push(...onward);
      reached.add(name);
    }
    for (const name of transitions.keys()) {
      if (!reached.has(name)) this.problems.add(`${path}/States/${name}`, `State "${name}" is not reachable.`);
    }
  }

  private checkVariables(path: string, states: JsonObject, outer: ReadonlySet<string>): void {
    for (const [name, state] of Object.entries(states)) {
      const at = `${path}/States/${name}`;
      for (const variable of [...assignedBy(state), ...assignedByCatchers(state)]) {
        if (variable === 'states') this.problems.add(at, "the variable name 'states' is reserved");
        if (outer.has(variable)) {
          this.problems.add(at, `The variable name '${variable}' was already defined in a parent scope.`);
        }
      }
    }
  }
}

function isEnd(state: JsonValue): boolean {
  return isObject(state) && (state.End === true || state.Type === 'Succeed' || state.Type === 'Fail');
}

/**
 * The variables set around the blocks inside one state: those of its whole block, without what only its own catchers
 * set, since these come after everything inside it has ended.
 */
function assignedAround(states: JsonObject, inside: string): string[] {
  return Object.entries(states).flatMap(([name, state]) =>
    name === inside ? assignedBy(state) : [...assignedBy(state), ...assignedByCatchers(state)],
  );
}

function assignedBy(state: JsonValue): string[] {
  return isObject(state) ? [state, ...listOf(state.Choices)].flatMap(variablesOf) : [];
}

function assignedByCatchers(state: JsonValue): string[] {
  return isObject(state) ? listOf(state.Catch).flatMap(variablesOf) : [];
}

function listOf(value: JsonValue | undefined): JsonValue[] {
  return Array.isArray(value) ? value : [];
}

function variablesOf(holder: JsonValue): string[] {
  if (!isObject(holder) || !isObject(holder.Assign)) return [];
  return Object.keys(holder.Assign).map((name) => name.replace(/\.\$$/, ''));
}
