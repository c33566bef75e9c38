/** What is known about a JSONata expression without running it: its text, and what the service refuses in it. */
import jsonata from 'jsonata';

const EXPRESSION = /^\{%([\s\S]*)%\}$/;

/** The expression inside `{% … %}`, or undefined for any other string. */
export function expressionIn(text: string): string | undefined {
  return EXPRESSION.exec(text)?.[1]?.trim();
}

/** Why the service would not accept the expression when the state machine is created, or undefined if it would. */
export function expressionProblem(expression: string): string | undefined {
  try {
    return topLevelProblem(jsonata(expression).ast());
  } catch (error) {
    return `INVALID_JSONATA_EXPRESSION: ${(error as Error).message}`;
  }
}

/** JSONata's tree as it really is; its typings are of an older version. */
interface Node {
  readonly type: string;
  readonly value?: unknown;
  readonly [part: string]: unknown;
}

/**
 * Finds a reference to the context item, of which there is none: only the first step of a path is read against it, so
 * `$states.input.items[value > 3]` is fine and `phone` is not.
 */
function topLevelProblem(node: unknown): string | undefined {
  if (Array.isArray(node)) return firstOf(node);
  if (typeof node !== 'object' || node === null) return undefined;
  const { type, value, ...parts } = node as Node;
  if (type === 'name')
    return `UNSUPPORTED_JSONATA_EXPRESSION: Reference to '${String(value)}' at the top level is not supported.`;
  if (type === 'variable' && value === '$')
    return "UNSUPPORTED_JSONATA_EXPRESSION: Reference to '$$' is not supported.";
  if (type === 'path') return topLevelProblem((parts.steps as unknown[])[0]);
  if (type === 'transform') return undefined;
  const { lhs, rhs, expression, expressions, condition, then, else: otherwise, body, procedure } = parts;
  if (type === 'bind') return topLevelProblem(rhs);
  const args = parts.arguments;
  const readable =
    type === 'lambda' ? [body] : [lhs, rhs, expression, expressions, condition, then, otherwise, body, procedure, args];
  return firstOf(readable);
}

function firstOf(nodes: readonly unknown[]): string | undefined {
  for (const node of nodes) {
    const problem = topLevelProblem(node);
    if (problem) return problem;
  }
  return undefined;
}
