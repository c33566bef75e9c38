/** A state machine definition as tests walk it: states by name, and where each leads. */
export interface State {
  readonly Type: string;
  readonly Next?: string;
  readonly Default?: string;
  readonly End?: boolean;
  readonly Choices?: readonly { readonly Next: string; readonly Condition: string; readonly Assign?: unknown }[];
  readonly Catch?: readonly { readonly ErrorEquals: string[]; readonly Next: string; readonly Assign?: unknown }[];
  readonly Retry?: readonly Record<string, unknown>[];
  readonly [field: string]: unknown;
}

export interface Definition {
  readonly StartAt: string;
  readonly TimeoutSeconds: number;
  readonly QueryLanguage: string;
  readonly States: Readonly<Record<string, State>>;
}

export function successors(state: State): string[] {
  return [
    state.Next,
    state.Default,
    ...(state.Choices ?? []).map(({ Next }) => Next),
    ...(state.Catch ?? []).map(({ Next }) => Next),
  ].filter((name): name is string => name !== undefined);
}

/** Every state that can be reached from `start`, itself included. */
export function reachable({ States }: Definition, start: string): Set<string> {
  const seen = new Set<string>();
  const open = [start];
  for (let name = open.pop(); name !== undefined; name = open.pop()) {
    const state = States[name];
    if (!state) {
      throw new Error(`there is no state "${name}"`);
    }
    if (!seen.has(name)) {
      seen.add(name);
      open.push(...successors(state));
    }
  }
  return seen;
}
