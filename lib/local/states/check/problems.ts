/** Collects what is wrong with a definition, each problem under the path where it stands. */
import type { DefinitionProblem } from '../invalid-definition-error';
import { isObject, type JsonObject, type JsonValue } from '../json-value';

export class Problems {
  readonly found: DefinitionProblem[] = [];

  add(path: string, message: string): void {
    this.found.push({ path, message });
  }

  /** The fields of an object that are not in the list. */
  unknownFields(path: string, value: JsonObject, allowed: readonly string[]): void {
    for (const field of Object.keys(value)) {
      if (!allowed.includes(field)) this.add(`${path}/${field}`, `unknown field; allowed are ${allowed.join(', ')}`);
    }
  }

  object(path: string, value: JsonValue | undefined): JsonObject | undefined {
    if (isObject(value)) return value;
    this.add(path, `must be an object, got ${said(value)}`);
    return undefined;
  }

  list(path: string, value: JsonValue | undefined): JsonValue[] | undefined {
    if (Array.isArray(value) && value.length > 0) return value;
    this.add(path, `must be a list with at least one element, got ${said(value)}`);
    return undefined;
  }

  text(path: string, value: JsonValue | undefined): string | undefined {
    if (typeof value === 'string' && value !== '') return value;
    this.add(path, `must be a text, got ${said(value)}`);
    return undefined;
  }

  /** A number within bounds, if the field is there at all. */
  number(path: string, value: JsonValue | undefined, { least, whole }: { least: number; whole: boolean }): void {
    if (value === undefined) return;
    const fits = typeof value === 'number' && value >= least && (!whole || Number.isInteger(value));
    if (!fits)
      this.add(path, `must be ${whole ? 'a whole number' : 'a number'} of at least ${least}, got ${said(value)}`);
  }
}

function said(value: JsonValue | undefined): string {
  return value === undefined ? 'nothing' : JSON.stringify(value);
}
