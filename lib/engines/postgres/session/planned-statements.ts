/** Statements that a connection has prepared, and those that are about to be sent in one message. */
import { type Client, escapeLiteral } from 'pg';

export type PlannedValue = string | number | boolean | null | readonly string[];

export interface Asked {
  readonly sql: string;
  /** Undefined where a statement cannot be planned. */
  readonly values: readonly PlannedValue[] | undefined;
  readonly resolve: (rows: object[]) => void;
  readonly reject: (error: unknown) => void;
}

export class PlannedStatements {
  private waiting: Asked[] = [];
  /** Names of what is prepared, by connection and text. */
  private readonly names = new WeakMap<Client, Map<string, string>>();
  private made = 0;

  ask<Row extends object>(sql: string, values?: readonly PlannedValue[]): Promise<Row[]> {
    return new Promise((resolve, reject) => {
      this.waiting.push({ sql, values, resolve: resolve as (rows: object[]) => void, reject });
    });
  }

  take(): readonly Asked[] {
    const asked = this.waiting;
    this.waiting = [];
    return asked;
  }

  /** Sends what was asked in one message, and in it prepares what the connection does not know yet. */
  async send(client: Client, asked: readonly Asked[]): Promise<void> {
    const known = this.namesOf(client);
    const names = new Map(known);
    const statements: string[] = [];
    const places = asked.map(({ sql, values }) => {
      if (values === undefined) {
        return statements.push(sql) - 1;
      }
      let name = names.get(sql);
      if (name === undefined) {
        this.made += 1;
        name = `bluegreen_${this.made}`; // never the name of one that failed: the server may have kept it
        names.set(sql, name);
        statements.push(`prepare ${name} as ${sql}`);
      }
      return statements.push(`execute ${name}${argumentsOf(values)}`) - 1;
    });
    // the driver gives one answer, or one for each of several statements
    const answers: unknown = await client.query(statements.join(';\n'));
    const all = (Array.isArray(answers) ? answers : [answers]) as readonly { rows: object[] }[];
    for (const [sql, name] of names) {
      known.set(sql, name);
    }
    for (const [index, { resolve }] of asked.entries()) {
      resolve(all[places[index] ?? 0]?.rows ?? []);
    }
  }

  private namesOf(client: Client): Map<string, string> {
    const known = this.names.get(client) ?? new Map<string, string>();
    this.names.set(client, known);
    return known;
  }
}

function argumentsOf(values: readonly PlannedValue[]): string {
  return values.length === 0 ? '' : ` (${values.map(literal).join(', ')})`;
}

function literal(value: PlannedValue): string {
  if (value === null) {
    return 'null';
  }
  return escapeLiteral(typeof value === 'object' ? `{${value.map(element).join(',')}}` : String(value));
}

function element(value: string): string {
  return `"${value.replace(/["\\]/g, '\\$&')}"`;
}
