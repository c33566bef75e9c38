/** JSON data as it travels between states: always copied, never shared. */

export type JsonValue = null | boolean | number | string | JsonValue[] | { [key: string]: JsonValue };
export type JsonObject = { [key: string]: JsonValue };

/** A copy that shares no mutable part with the original. */
export function copyOf<T extends JsonValue>(value: T): T {
  return structuredClone(value);
}

/** Whether the value is a JSON object: neither null nor an array. */
export function isObject(value: unknown): value is JsonObject {
  return typeof value === 'object' && value !== null && !Array.isArray(value);
}

/** JSONata's name for the type of a value, as error messages of the service use it. */
export function typeName(value: JsonValue): string {
  if (value === null) return 'null';
  return Array.isArray(value) ? 'array' : typeof value;
}

/** The size the service counts against its limits: the UTF-8 bytes of the compact JSON text. */
export function byteSize(value: JsonValue): number {
  return Buffer.byteLength(JSON.stringify(value), 'utf8');
}
