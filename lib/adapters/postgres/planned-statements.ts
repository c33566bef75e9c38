/** Statements that a connection has prepared, and those that are about to be sent in one message. */
import { type Client, escapeLiteral } from 'pg';

export type PlannedValue = string | number | boolean | null | readonly string[];

/** What the driver makes of a message: one answer, or one for each of several statements. */
export type Answers = { readonly rows: object[] } | readonly { readonly rows: object[] }[];

export interface Asked {
  readonly sql: string;
  readonly values: readonly PlannedValue[];
  readonly resolve: (rows: object[]) => void;
  readonly reject: (error: unknown) => void;
}

export class PlannedStatements {
  private waiting: Asked[] = [];
  /** Names of what is prepared, by connection and text. */
  private readonly names = new WeakMap<Client, Map<string, string>>();
  private made = 0;

  ask<Row extends object>(sql: string, values: readonly PlannedValue[]): Promise<Row[]> {
    return new Promise((resolve, reject) => {
      this.waiting.push({ sql, values, resolve: resolve as (rows: object[]) => void, reject });
    });
  }

  take(): readonly Asked[] {
    const asked = this.waiting;
    this.waiting = [];
    return asked;
  }

  /** Of what was prepared. */
  message(client: Client, asked: readonly Asked[]): string {
    const names = this.namesOf(client);
    return asked.map(({ sql, values }) => `execute ${names.get(sql)}${argumentsOf(values)}`).join('; ');
  }

  /** Prepares what the connection does not know yet. */
  async prepare(client: Client, asked: readonly Asked[]): Promise<void> {
    const names = this.namesOf(client);
    for (const { sql } of asked) {
      if (!names.has(sql)) {
        this.made += 1;
        const name = `bluegreen_${this.made}`; // never the name of one that failed: the server may have kept it
        await client.query(`prepare ${name} as ${sql}`);
        names.set(sql, name);
      }
    }
  }

  answer(asked: readonly Asked[], answers: Answers): void {
    const all = Array.isArray(answers) ? (answers as readonly { rows: object[] }[]) : [answers as { rows: object[] }];
    for (const [index, { resolve }] of asked.entries()) {
      resolve(all[index]?.rows ?? []);
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
