/** Ranges of a table's key: digests of their parts, where to cut them, and the rows of a small one. */
import { escapeIdentifier } from 'pg';
import type { ComparedTable } from '../../../core/comparison';
import type { Session } from '../session/session';
import { relation, rowHash } from './digest';

/** Values of the key's columns, as text. */
export type Key = readonly string[];

/** From one key on to before another; open where there is none. */
export interface KeyRange {
  readonly from?: Key;
  readonly to?: Key;
}

export interface PartDigest {
  readonly rows: number;
  readonly digest: string;
}

/** A row by its key and hash; where the hash is the key, the same row may be there several times. */
export interface HashedRow {
  readonly key: Key;
  readonly hash: string;
  readonly times: number;
}

/** A statement that is written together with its values. */
class Statement {
  readonly values: unknown[] = [];

  value(value: unknown): string {
    this.values.push(value);
    return `$${this.values.length}`;
  }
}

/** Of a value that is too large to be fetched its hash has to do. */
const SHORT_ENOUGH = `case when length(value) > 100000 then 'md5 ' || md5(value) else value end`;

/** Beyond this a table's key is cut by a sample of its rows. */
const SAMPLED_FROM_ROWS = 200_000;
const SAMPLE_ROWS = 20_000;

export class KeyRanges {
  private readonly key: readonly { readonly expression: string; readonly type: string }[];
  private readonly from: string;

  /** A table without a key is searched by its rows' hashes. */
  constructor(private readonly table: ComparedTable) {
    this.from = `only ${relation(table)}`;
    this.key =
      table.key.length === 0
        ? [{ expression: `(${rowHash(table)})`, type: 'bigint' }]
        : table.key.map((name) => {
            const types = table.columns.find((column) => column.name === name)?.types ?? [];
            return { expression: escapeIdentifier(name), type: types.length > 1 ? 'bigint' : (types[0] ?? 'text') };
          });
  }

  get byHash(): boolean {
    return this.table.key.length === 0;
  }

  /** Digests of the parts of a range between `cuts`, by number of the part; a part without rows is left out. */
  async digests(
    session: Session,
    range: KeyRange,
    cuts: readonly Key[],
    pages = 'true',
  ): Promise<ReadonlyMap<number, PartDigest>> {
    const statement = new Statement();
    const part = this.partOf(statement, cuts, 0, cuts.length);
    const rows = await this.ask<PartDigest & { part: number }>(
      session,
      statement,
      `select ${part} as part, count(*)::float8 as rows, coalesce(sum(${rowHash(this.table)}), 0)::text as digest
         from ${this.from} where ${this.within(statement, range)} and ${pages} group by 1`,
    );
    return new Map(rows.map(({ part, rows: count, digest }) => [part, { rows: count, digest }]));
  }

  /** Keys that cut a range of so many rows into at most `parts` parts of about the same size. */
  async cuts(session: Session, range: KeyRange, rows: number, parts: number): Promise<Key[]> {
    if (this.byHash) {
      return evenCuts(range, parts);
    }
    const statement = new Statement();
    const sampled = range.from === undefined && range.to === undefined && rows > SAMPLED_FROM_ROWS;
    const sample = sampled ? ` tablesample system (${(100 * SAMPLE_ROWS) / rows}) repeatable (1)` : '';
    const found = await this.ask<{ key: string[] }>(
      session,
      statement,
      `select key from (select ${this.keyTexts()} as key, row_number() over (order by ${this.expressions()}) as position, count(*) over () as total
                          from ${this.from}${sample} where ${this.within(statement, range)}) keys
        where position > 1 and (position - 1) % ceil(total::numeric / ${parts}) = 0 order by position`,
    );
    return found.map(({ key }) => key);
  }

  rows(session: Session, range: KeyRange): Promise<HashedRow[]> {
    const statement = new Statement();
    return this.ask<HashedRow>(
      session,
      statement,
      `select ${this.keyTexts()} as key, ${rowHash(this.table)}::text as hash, count(*)::int as times
         from ${this.from} where ${this.within(statement, range)} group by 1, 2, ${this.expressions()} order by ${this.expressions()}, 2`,
    );
  }

  /** The rows these keys name; each says where among them its key is. */
  named(session: Session, keys: readonly Key[]): Promise<(HashedRow & { at: number })[]> {
    const statement = new Statement();
    return this.ask(
      session,
      statement,
      `select bluegreen_at::int - 1 as at, ${this.keyTexts()} as key, ${rowHash(this.table)}::text as hash, count(*)::int as times
         from ${this.wanted(statement, keys)} group by 1, 2, 3`,
    );
  }

  /** Digests of the rows these keys name, so many keys each, by the place of the first; those that name no row are left out. */
  async digestsOfNamed(
    session: Session,
    keys: readonly Key[],
    together: number,
  ): Promise<ReadonlyMap<number, PartDigest>> {
    const statement = new Statement();
    const rows = await this.ask<PartDigest & { at: number }>(
      session,
      statement,
      `select (bluegreen_at::int - 1) / ${together} * ${together} as at, count(*)::float8 as rows, sum(${rowHash(this.table)})::text as digest
         from ${this.wanted(statement, keys)} group by 1`,
    );
    return new Map(rows.map(({ at, ...digest }) => [at, digest]));
  }

  private wanted(statement: Statement, keys: readonly Key[]): string {
    const lists = this.key.map((_, index) => `${statement.value(keys.map((key) => key[index]))}::text[]`);
    const names = this.key.map((_, index) => `bluegreen_${index}`);
    const same = this.key.map(({ expression, type }, index) => `${expression} = ${names[index]}::${type}`);
    return `unnest(${lists.join(', ')}) with ordinality wanted (${names.join(', ')}, bluegreen_at) join ${this.from} on ${same.join(' and ')}`;
  }

  /** Texts of some expressions, of the rows with these keys. */
  texts(
    session: Session,
    keys: readonly Key[],
    expressions: readonly string[],
  ): Promise<{ key: Key; texts: (string | null)[] }[]> {
    const statement = new Statement();
    const list = keys.map((key) => `(${this.literals(statement, key)})`).join(', ');
    const texts = `array[${expressions.map((expression) => `(select ${SHORT_ENOUGH} from (select (${expression})::text as value offset 0) v)`).join(', ')}]::text[]`;
    return this.ask(
      session,
      statement,
      `select distinct on (1) ${this.keyTexts()} as key, ${texts} as texts from ${this.from} where (${this.expressions()}) in (${list})`,
    );
  }

  private ask<Row extends object>(session: Session, { values }: Statement, sql: string): Promise<Row[]> {
    return session.read<Row>(sql, values);
  }

  private expressions(): string {
    return this.key.map(({ expression }) => expression).join(', ');
  }

  private keyTexts(): string {
    return `array[${this.key.map(({ expression }) => `${expression}::text`).join(', ')}]`;
  }

  private literals(statement: Statement, key: Key): string {
    return this.key.map(({ type }, index) => `${statement.value(key[index])}::${type}`).join(', ');
  }

  private within(statement: Statement, { from, to }: KeyRange): string {
    const row = `(${this.expressions()})`;
    return [
      ...(from ? [`${row} >= (${this.literals(statement, from)})`] : []),
      ...(to ? [`${row} < (${this.literals(statement, to)})`] : []),
      'true',
    ].join(' and ');
  }

  /** Number of the part a row is in, by bisection. */
  private partOf(statement: Statement, cuts: readonly Key[], low: number, high: number): string {
    if (low === high) {
      return String(low);
    }
    const middle = Math.floor((low + high) / 2);
    const cut = this.literals(statement, cuts[middle] ?? []);
    return `case when (${this.expressions()}) < (${cut}) then ${this.partOf(statement, cuts, low, middle)} else ${this.partOf(statement, cuts, middle + 1, high)} end`;
  }
}

/** Parts `cuts` cut a range into. */
export function partsOf(range: KeyRange, cuts: readonly Key[]): KeyRange[] {
  const edges = [range.from, ...cuts, range.to];
  return edges.slice(1).map((to, index) => {
    const from = edges[index];
    return { ...(from && { from }), ...(to && { to }) };
  });
}

const LEAST = -(2n ** 63n);
const MOST = 2n ** 63n;

/** Hashes are spread evenly. */
function evenCuts({ from, to }: KeyRange, parts: number): Key[] {
  const low = from?.[0] === undefined ? LEAST : BigInt(from[0]);
  const high = to?.[0] === undefined ? MOST : BigInt(to[0]);
  const cuts: Key[] = [];
  for (let part = 1n; part < BigInt(parts); part += 1n) {
    const cut = low + ((high - low) * part) / BigInt(parts);
    if (cut > low && cut < high && cuts.at(-1)?.[0] !== String(cut)) {
      cuts.push([String(cut)]);
    }
  }
  return cuts;
}
