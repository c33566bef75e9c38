/** Effects: what a statement of a change does to rows that come from blue, to the way back and to its table, as far as its text tells. */

/** What the changes made, or set; a table without a schema is taken for one in `public`. */
export interface ChangedObject {
  readonly kind: 'table' | 'column' | 'type' | 'default' | 'not null' | 'foreign key' | 'always trigger';
  readonly schema?: string;
  /** Of a type, its name. */
  readonly table: string;
  /** Of a column or trigger; without one, any of the table. */
  readonly name?: string;
}

/** Why a statement cannot be an expand change that is followed, and what to write instead. */
export interface Refusal {
  /** Where it is allowed then. With `sync: "freeze"` everything is. */
  readonly only: 'contract' | 'freeze';
  readonly reason: string;
  readonly remedy: string;
}

/** One thing a statement does. The conditions come first: where one does not hold, it does nothing. */
export interface Effect {
  /** None of these was made by the changes before. */
  readonly unless?: readonly ChangedObject[];
  /** All of these were. */
  readonly provided?: readonly ChangedObject[];
  /** None of these is made by any statement of the changes. */
  readonly unlessEver?: readonly ChangedObject[];
  readonly makes?: readonly ChangedObject[];
  readonly refusal?: Refusal;
  /** Under which condition blue's rows can still be followed. */
  readonly condition?: string;
  readonly wayBack?: { readonly is: 'one-way' | 'depends'; readonly why: string };
  readonly rewrites?: 'yes' | 'perhaps';
  /** What takes its time, and lets the application wait in a contract change. */
  readonly takes?: string;
}

/** A statement and everything it does, in the order in which it does it. */
export interface StatementEffects {
  readonly line: number;
  /** Such as "alter table orders add column currency"; names, no values. */
  readonly what: string;
  /** Tables, and columns behind a dot, as the statement names them. */
  readonly touches: readonly string[];
  readonly effects: readonly Effect[];
}

/** A name and what it belongs to, in quotes where SQL needs them. */
export function dotted(...parts: readonly (string | undefined)[]): string {
  return parts
    .filter((part) => part !== undefined)
    .map((part) => (/^[\p{Ll}_][\p{Ll}\d_$]*$/u.test(part) ? part : `"${part.replaceAll('"', '""')}"`))
    .join('.');
}

export function sameObject(one: ChangedObject, other: ChangedObject): boolean {
  return (
    one.kind === other.kind &&
    (one.schema ?? 'public') === (other.schema ?? 'public') &&
    one.table === other.table &&
    (one.name === undefined || other.name === undefined || one.name === other.name)
  );
}
