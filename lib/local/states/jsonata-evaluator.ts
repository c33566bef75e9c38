/** Evaluates one JSONata expression as the service does: no context item, bound variables, its own functions and bounds. */
import jsonata from 'jsonata';
import type { Clock } from '../../ports/clock';
import type { JsonObject, JsonValue } from './json-value';
import { serviceFunctions } from './jsonata-functions';

/** The nesting at which the service gives up on an expression. */
const DEEPEST_NESTING = 100;
/** The service stops an expression after seconds; counting steps stops the same runaways and does not depend on the machine. */
const MOST_STEPS = 500_000;

/** What an expression came to. */
export type Evaluation =
  | { readonly kind: 'value'; readonly value: JsonValue }
  | { readonly kind: 'undefined' }
  | { readonly kind: 'unsupported' }
  | { readonly kind: 'error'; readonly message: string };

export class JsonataEvaluator {
  constructor(
    private readonly clock: Clock,
    private readonly random: () => number,
    private readonly mostSteps = MOST_STEPS,
  ) {}

  /** Evaluates `expression` with `$name` bound for every key of `variables`. */
  async evaluate(expression: string, variables: JsonObject): Promise<Evaluation> {
    try {
      const compiled = jsonata(expression);
      this.prepare(compiled);
      const result: unknown = await compiled.evaluate(undefined, { ...variables });
      if (result === undefined) return { kind: 'undefined' };
      return { kind: 'value', value: plain(result) };
    } catch (thrown) {
      if (thrown instanceof UnsupportedResult) return { kind: 'unsupported' };
      return { kind: 'error', message: messageOf(thrown) };
    }
  }

  private prepare(compiled: jsonata.Expression): void {
    for (const [name, { implementation, signature }] of Object.entries(serviceFunctions(this.random))) {
      compiled.registerFunction(name, implementation as (...args: unknown[]) => unknown, signature);
    }
    // The service offers no $eval: a call to it is a call to nothing.
    compiled.assign('eval', undefined);
    const now = this.clock.now();
    compiled.registerFunction('millis', () => now, '<:n>');
    compiled.registerFunction('now', (picture?: string, zone?: string) => formatted(now, picture, zone), '<s?s?:s>');
    guard(compiled, this.mostSteps);
  }
}

/** JSONata binds $now to the machine's clock, so it is spelled out in terms of the engine's. */
function formatted(now: number, picture: string | undefined, zone: string | undefined): Promise<unknown> {
  return jsonata('$fromMillis($now, $picture, $zone)').evaluate(undefined, { now, picture, zone });
}

/** Stops expressions that would never end. */
function guard(compiled: jsonata.Expression, mostSteps: number): void {
  let depth = 0;
  let steps = 0;
  const onEntry = () => {
    depth += 1;
    steps += 1;
    if (depth > DEEPEST_NESTING) {
      throw new Error(
        `Stack overflow error: Check for non-terminating recursive function.  Consider rewriting as tail-recursive. Depth=${depth} max=${DEEPEST_NESTING}`,
      );
    }
    if (steps > mostSteps) throw new Error('Expression evaluation timeout: Check for infinite loop');
  };
  const onExit = () => {
    depth -= 1;
  };
  // JSONata looks these hooks up by symbol, which its typings do not foresee.
  const assign = compiled.assign as unknown as (name: symbol, value: unknown) => void;
  assign(Symbol.for('jsonata.__evaluate_entry'), onEntry);
  assign(Symbol.for('jsonata.__evaluate_exit'), onExit);
}

class UnsupportedResult extends Error {}

/** Plain JSON out of a JSONata result: sequences become arrays, non-finite numbers the strings the service writes. */
function plain(value: unknown): JsonValue {
  if (value === null || typeof value === 'boolean' || typeof value === 'string') return value;
  if (typeof value === 'number') return Number.isFinite(value) ? value + 0 : String(value);
  if (typeof value === 'function' || typeof value !== 'object') throw new UnsupportedResult();
  if (Array.isArray(value)) return value.map((item) => (item === undefined ? null : plain(item)));
  if (
    '_jsonata_lambda' in value ||
    '_jsonata_function' in value ||
    ('evaluate' in value && typeof value.evaluate === 'function')
  ) {
    throw new UnsupportedResult();
  }
  const entries = Object.entries(value).filter(([, item]) => item !== undefined);
  return Object.fromEntries(entries.map(([key, item]) => [key, plain(item)]));
}

function messageOf(thrown: unknown): string {
  const { code, message } = thrown as { code?: string; message?: string };
  return code ? `${code}: ${message ?? 'unknown error'}` : (message ?? String(thrown));
}
