/** Reads the fields of an API request, refusing what the service would refuse before it looks any further. */
import { isObject, type JsonObject, type JsonValue } from './json-value';
import { StatesServiceError } from './states-service-error';

export class RequestFields {
  private constructor(private readonly fields: JsonObject) {}

  /** @throws StatesServiceError SerializationException when the body is not a JSON object. */
  static parse(body: string): RequestFields {
    let parsed: unknown;
    try {
      parsed = JSON.parse(body === '' ? '{}' : body);
    } catch {
      parsed = undefined;
    }
    if (isObject(parsed)) return new RequestFields(parsed);
    throw new StatesServiceError('SerializationException', 'the request body must be a JSON object');
  }

  text(name: string): string {
    const value = this.fields[name];
    if (typeof value === 'string' && value !== '') return value;
    const constraint =
      value === undefined || value === null
        ? 'Member must not be null'
        : 'Member must have length greater than or equal to 1';
    throw invalid(name, value, constraint);
  }

  optionalText(name: string): string | undefined {
    const value = this.fields[name];
    if (value === undefined || value === null) return undefined;
    if (typeof value === 'string') return value;
    throw invalid(name, value, 'Member must be a string');
  }

  flag(name: string, otherwise: boolean): boolean {
    const value = this.fields[name];
    return typeof value === 'boolean' ? value : otherwise;
  }

  /** The page asked for; `maxResults` 0 means the default. */
  page<T>(all: readonly T[], defaultSize = 100): { items: readonly T[]; nextToken?: string } {
    const size = this.fields.maxResults ?? 0;
    if (typeof size !== 'number' || !Number.isInteger(size) || size < 0 || size > 1000) {
      throw invalid('maxResults', size, 'Member must have value less than or equal to 1000');
    }
    const token = this.optionalText('nextToken');
    const start = token === undefined ? 0 : Number(Buffer.from(token, 'base64').toString());
    if (!Number.isInteger(start) || start < 0)
      throw new StatesServiceError('InvalidToken', "Invalid Token: 'Invalid token'");
    const end = start + (size || defaultSize);
    const items = all.slice(start, end);
    return end < all.length ? { items, nextToken: Buffer.from(String(end)).toString('base64') } : { items };
  }
}

function invalid(name: string, value: JsonValue | undefined, constraint: string): StatesServiceError {
  const said = value === undefined || value === null ? 'null' : JSON.stringify(value);
  return new StatesServiceError(
    'ValidationException',
    `1 validation error detected: Value ${said} at '${name}' failed to satisfy constraint: ${constraint}`,
  );
}
