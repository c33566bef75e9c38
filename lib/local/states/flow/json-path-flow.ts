/**
 * Data flow in JSONPath, a small subset: it serves machines that mix a few JSONPath states with JSONata ones. What is
 * outside the subset (Choice rules, intrinsic functions, filters) is refused when the definition is loaded.
 */
import type { MapItem } from '../branch';
import type { Catcher } from '../definition';
import { HarnessError } from '../harness-error';
import { isObject, type JsonObject, type JsonValue } from '../json-value';
import type { Visit } from '../visit';
import type { DataFlow, ResultOf, ValueField, Yield } from './data-flow';
import { inserted, parsePath, select } from './json-path';

/** What `$` and `$$` stand for. */
interface Sources {
  readonly visit: Visit;
  readonly value: JsonValue;
  readonly context?: JsonObject;
}

export class JsonPathFlow implements DataFlow {
  async arguments(visit: Visit): Promise<JsonValue> {
    const { Parameters } = visit.state;
    const value = effectiveInput(visit);
    return Parameters === undefined ? value : fill({ visit, value }, Parameters);
  }

  async field(visit: Visit, name: ValueField): Promise<JsonValue | undefined> {
    const { state } = visit;
    const path = (state as unknown as Record<string, unknown>)[`${name}Path`];
    return typeof path === 'string' ? read({ visit, value: effectiveInput(visit) }, path, `${name}Path`) : state[name];
  }

  async items(visit: Visit): Promise<JsonValue> {
    const { ItemsPath } = visit.state;
    const value = effectiveInput(visit);
    return ItemsPath === undefined ? value : read({ visit, value }, ItemsPath, 'ItemsPath');
  }

  async itemInput(visit: Visit, item: MapItem): Promise<JsonValue> {
    const selector = visit.state.ItemSelector ?? visit.state.Parameters;
    if (selector === undefined) return item.Value;
    return fill({ visit, value: effectiveInput(visit), context: visit.context(item) }, selector);
  }

  async condition(visit: Visit): Promise<boolean> {
    throw new HarnessError(`the Choice state '${visit.name}' is in JSONPath, which loading should have refused`);
  }

  async yielded(visit: Visit, { result }: ResultOf): Promise<Yield> {
    const { state } = visit;
    const untouched = result === undefined ? await this.arguments(visit) : result;
    const selected =
      state.ResultSelector === undefined ? untouched : fill({ visit, value: untouched }, state.ResultSelector);
    const merged =
      state.Type === 'Wait' || state.Type === 'Succeed' ? selected : withResult(visit, state.ResultPath, selected);
    return { output: outputOf(visit, merged), ...assignment({ visit, value: selected }, state.Assign) };
  }

  async caught(visit: Visit, catcher: Catcher, { errorOutput }: { errorOutput: JsonObject }): Promise<Yield> {
    const output = withResult(visit, catcher.ResultPath, errorOutput);
    return { output, ...assignment({ visit, value: errorOutput }, catcher.Assign) };
  }
}

function effectiveInput(visit: Visit): JsonValue {
  const { InputPath } = visit.state;
  if (InputPath === undefined) return visit.input;
  return InputPath === null ? {} : read({ visit, value: visit.input }, InputPath, 'InputPath');
}

function outputOf(visit: Visit, value: JsonValue): JsonValue {
  const { OutputPath } = visit.state;
  if (OutputPath === undefined) return value;
  return OutputPath === null ? {} : read({ visit, value }, OutputPath, 'OutputPath');
}

function withResult(visit: Visit, resultPath: string | null | undefined, result: JsonValue): JsonValue {
  if (resultPath === null) return visit.input;
  const path = parsePath(resultPath ?? '$');
  const merged = path && inserted(path, visit.input, result);
  if (merged === undefined) {
    throw visit.runtimeFailure(
      `Unable to apply step "${path?.steps.at(-1)}" to input ${JSON.stringify(visit.input)} of ResultPath '${resultPath}'`,
    );
  }
  return merged;
}

function assignment(sources: Sources, template: JsonObject | undefined): { assigned?: JsonObject } {
  return template === undefined ? {} : { assigned: fill(sources, template) as JsonObject };
}

/** The template with every `"key.$": "path"` replaced by what stands at the path. */
function fill(sources: Sources, template: JsonValue): JsonValue {
  if (Array.isArray(template)) return template.map((item) => fill(sources, item));
  if (!isObject(template)) return template;
  return Object.fromEntries(
    Object.entries(template).map(([key, item]) =>
      key.endsWith('.$') && typeof item === 'string'
        ? [key.slice(0, -2), read(sources, item, key)]
        : [key, fill(sources, item)],
    ),
  );
}

function read({ visit, value, context }: Sources, text: string, field: string): JsonValue {
  const path = parsePath(text);
  if (!path)
    throw new HarnessError(
      `the path '${text}' of state '${visit.name}' is outside the subset, which loading should have refused`,
    );
  const variables = visit.branch.scope.visible();
  const root = {
    input: value,
    context: context ?? visit.context(),
    variable: path.root.kind === 'variable' ? variables[path.root.name] : undefined,
  };
  const start = root[path.root.kind];
  const found = start === undefined ? undefined : select(path, start);
  if (found !== undefined) return found;
  throw visit.runtimeFailure(
    `The JSONPath '${text}' specified for the field '${field}' could not be found in the input '${JSON.stringify(value)}'`,
  );
}
