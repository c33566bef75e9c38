/** Checks the Retry and Catch lists of a state. */
import { isObject, type JsonValue } from '../json-value';
import type { Problems } from './problems';

const RETRIER_FIELDS = [
  'ErrorEquals',
  'IntervalSeconds',
  'MaxAttempts',
  'BackoffRate',
  'MaxDelaySeconds',
  'JitterStrategy',
  'Comment',
];

export interface CatchRules {
  readonly fields: readonly string[];
  /** Called with the path and name of every state that a catcher leads to. */
  readonly onNext: (path: string, name: JsonValue | undefined) => void;
}

export function checkRetry(problems: Problems, path: string, value: JsonValue | undefined): void {
  for (const [index, retrier] of entries(problems, path, value)) {
    const at = `${path}[${index}]`;
    if (!isObject(retrier)) continue;
    problems.unknownFields(at, retrier, RETRIER_FIELDS);
    problems.number(`${at}/IntervalSeconds`, retrier.IntervalSeconds, { least: 0, whole: true });
    problems.number(`${at}/MaxAttempts`, retrier.MaxAttempts, { least: 0, whole: true });
    problems.number(`${at}/BackoffRate`, retrier.BackoffRate, { least: 1, whole: false });
    problems.number(`${at}/MaxDelaySeconds`, retrier.MaxDelaySeconds, { least: 1, whole: true });
    if (!['FULL', 'NONE', undefined].includes(retrier.JitterStrategy as string | undefined)) {
      problems.add(`${at}/JitterStrategy`, `must be FULL or NONE, got ${JSON.stringify(retrier.JitterStrategy)}`);
    }
  }
}

export function checkCatch(problems: Problems, path: string, value: JsonValue | undefined, rules: CatchRules): void {
  for (const [index, catcher] of entries(problems, path, value)) {
    const at = `${path}[${index}]`;
    if (!isObject(catcher)) continue;
    problems.unknownFields(at, catcher, rules.fields);
    rules.onNext(`${at}/Next`, catcher.Next);
  }
}

/** The elements of a list, each of which names the errors it is for. */
function entries(problems: Problems, path: string, value: JsonValue | undefined): [number, JsonValue][] {
  if (value === undefined) return [];
  if (!Array.isArray(value)) {
    problems.list(path, value);
    return [];
  }
  for (const [index, entry] of value.entries()) {
    const at = `${path}[${index}]`;
    const errors = problems.list(`${at}/ErrorEquals`, problems.object(at, entry)?.ErrorEquals) ?? [];
    if (!errors.every((error) => typeof error === 'string'))
      problems.add(`${at}/ErrorEquals`, 'must be a list of error names');
    if (errors.includes('States.ALL') && (errors.length > 1 || index < value.length - 1)) {
      problems.add(`${at}/ErrorEquals`, 'States.ALL must appear alone and at end of list');
    }
  }
  return [...value.entries()];
}
