/** A state machine definition, read and checked once, ready to be executed any number of times. */
import { checkDefinition } from './check/check-definition';
import type { QueryLanguage, StateBlock } from './definition';
import { InvalidDefinitionError } from './invalid-definition-error';
import { isObject, type JsonObject, type JsonValue } from './json-value';

export class StateMachine {
  private constructor(
    /** The definition as it was given, as text. */
    readonly definition: string,
    readonly block: StateBlock,
    readonly timeoutSeconds: number | undefined,
  ) {}

  /**
   * Reads a definition.
   *
   * @throws InvalidDefinitionError when it is not one, or uses what the engine does not offer.
   */
  static parse(definition: string | object): StateMachine {
    const text = typeof definition === 'string' ? definition : JSON.stringify(definition);
    const parsed = parseJson(text);
    const { found } = checkDefinition(parsed);
    if (found.length > 0) throw new InvalidDefinitionError(found);
    const language = (parsed.QueryLanguage ?? 'JSONPath') as QueryLanguage;
    const timeoutSeconds = parsed.TimeoutSeconds as number | undefined;
    return new StateMachine(text, withLanguage(parsed, language) as unknown as StateBlock, timeoutSeconds);
  }
}

function parseJson(text: string): JsonObject {
  let parsed: unknown;
  try {
    parsed = JSON.parse(text);
  } catch (error) {
    throw new InvalidDefinitionError([{ path: '', message: `is not JSON: ${(error as Error).message}` }]);
  }
  if (isObject(parsed)) return parsed;
  throw new InvalidDefinitionError([{ path: '', message: `must be an object, got ${text}` }]);
}

/** Writes the machine's language into every state that names none; blocks inside a state follow the machine, not the state. */
function withLanguage(block: JsonObject, language: QueryLanguage): JsonObject {
  const states = Object.entries(block.States as Record<string, JsonObject>).map(([name, state]) => [
    name,
    {
      ...state,
      QueryLanguage: state.QueryLanguage ?? language,
      ...(Array.isArray(state.Branches)
        ? { Branches: state.Branches.map((inner) => withLanguage(inner as JsonObject, language)) }
        : {}),
      ...(isObject(state.ItemProcessor) ? { ItemProcessor: withLanguage(state.ItemProcessor, language) } : {}),
    } as JsonValue,
  ]);
  return { ...block, States: Object.fromEntries(states) };
}
