/** The small subset of JSONPath that the engine reads: `$.a.b[0]`, `$['a']`, `$$.State.Name`, `$variable.a`. */
import { copyOf, isObject, type JsonObject, type JsonValue } from '../json-value';

export type PathRoot =
  | { readonly kind: 'input' }
  | { readonly kind: 'context' }
  | { readonly kind: 'variable'; readonly name: string };

export interface JsonPath {
  readonly text: string;
  readonly root: PathRoot;
  readonly steps: readonly (string | number)[];
}

const ROOT = /^\$(\$|[A-Za-z_][A-Za-z0-9_]*)?/;
const STEP = /^(?:\.([^.[\]()*?@:$,'"\s]+)|\[(\d+)\]|\['([^']*)'\])/;

/** Reads a path; undefined when it is none, or one outside the subset (filters, wildcards, slices, functions). */
export function parsePath(text: string): JsonPath | undefined {
  const opening = ROOT.exec(text);
  if (!opening) return undefined;
  const steps: (string | number)[] = [];
  for (let rest = text.slice(opening[0].length); rest !== ''; ) {
    const step = STEP.exec(rest);
    if (!step) return undefined;
    steps.push(step[2] === undefined ? (step[1] ?? step[3] ?? '') : Number(step[2]));
    rest = rest.slice(step[0].length);
  }
  return { text, root: rootOf(opening[1]), steps };
}

function rootOf(name: string | undefined): PathRoot {
  if (name === undefined) return { kind: 'input' };
  return name === '$' ? { kind: 'context' } : { kind: 'variable', name };
}

/** What stands at the path below `value`, or undefined if nothing does. */
export function select(path: JsonPath, value: JsonValue): JsonValue | undefined {
  let found: JsonValue | undefined = value;
  for (const step of path.steps) {
    if (typeof step === 'number') found = Array.isArray(found) ? found[step] : undefined;
    else found = isObject(found) && Object.hasOwn(found, step) ? found[step] : undefined;
  }
  return found;
}

/**
 * A copy of `target` with `value` at the path, objects made on the way.
 *
 * @returns undefined when something on the way is neither an object nor missing.
 */
export function inserted(path: JsonPath, target: JsonValue, value: JsonValue): JsonValue | undefined {
  if (path.steps.length === 0) return value;
  const root = isObject(target) ? copyOf(target) : undefined;
  let place: JsonObject | undefined = root;
  for (const step of path.steps.slice(0, -1)) {
    if (!place || typeof step === 'number') return undefined;
    const next: JsonValue = place[step] ?? {};
    place[step] = next;
    place = isObject(next) ? next : undefined;
  }
  const last = path.steps.at(-1);
  if (!root || !place || typeof last !== 'string') return undefined;
  place[last] = value;
  return root;
}
