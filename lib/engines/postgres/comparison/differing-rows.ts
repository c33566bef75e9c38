/** Finds the rows of a table that differ: ranges of its key whose digests differ are cut until few enough rows are left to compare them one by one. */
import type { ComparedTable } from '../../../core/comparison';
import type { Difference, DifferingRow } from '../../../core/differences';
import { RANGE_BYTES } from '../../../core/ranges';
import type { Session } from '../session/session';
import { relation } from './digest';
import { type HashedRow, type Key, type KeyRange, KeyRanges, type PartDigest, partsOf } from './key-ranges';
import { type RowValues, Values } from './row-values';

/** Halving six times at once: one pass over the rows tells 64 parts of a range apart. */
const PARTS = 64;
/** So many rows are compared one by one. */
const FEW_ROWS = 500;
/** When a table differs everywhere, all its rows need not be counted: so much is looked at one by one. */
const MOST_ROWS = 100_000;
const PATIENCE_MS = 120_000;
/** Rows of a table without a key that are not the same on both sides; their values are all held until it is known which are equal. */
const MOST_UNMATCHED = 2_000;
/** Values can be large. */
const READ_TOGETHER = 20;

interface Part {
  readonly range: KeyRange;
  readonly blue: PartDigest;
  readonly green: PartDigest;
}

/** Rows of a table without a key that only one side has, or more often than the other. */
interface Unmatched {
  readonly values: RowValues;
  readonly blue: number;
  readonly green: number;
}

const NOTHING: PartDigest = { rows: 0, digest: '0' };

/** @param options.rows how many blue has @param options.limit how many are named */
export async function differingRows(
  sides: { readonly blue: Session; readonly green: Session },
  table: ComparedTable,
  { rows, limit }: { readonly rows: number; readonly limit: number },
): Promise<Difference> {
  const search = new Search(sides, table, limit);
  await search.whole(rows);
  await search.settle();
  return search.difference();
}

class Search {
  private readonly ranges: KeyRanges;
  private readonly values: Values;
  private readonly named: DifferingRow[] = [];
  /** Of a table without a key. */
  private readonly unmatched: Unmatched[] = [];
  private readonly began = performance.now();
  private count = 0;
  private looked = 0;
  private ended = false;

  constructor(
    private readonly sides: { readonly blue: Session; readonly green: Session },
    private readonly table: ComparedTable,
    private readonly limit: number,
  ) {
    this.ranges = new KeyRanges(table);
    this.values = new Values(table, this.ranges);
  }

  difference(): Difference {
    const { schema, name } = this.table;
    return { table: { schema, name }, rows: this.named, count: this.count, atLeast: this.ended };
  }

  async whole(rows: number): Promise<void> {
    const { blue, green } = this.sides;
    const cuts = await this.ranges.cuts(blue, {}, rows, PARTS);
    const [onBlue, onGreen] = await Promise.all([this.digestsOf(blue, cuts), this.digestsOf(green, cuts)]);
    if (onBlue && onGreen) {
      await this.visit(differing({}, cuts, onBlue, onGreen));
    } else {
      this.ended = true;
      this.count += 1;
    }
  }

  /** The whole table is read in ranges of pages, so that no statement takes long. @returns undefined when it takes too long */
  private async digestsOf(
    session: Session,
    cuts: readonly Key[],
  ): Promise<ReadonlyMap<number, PartDigest> | undefined> {
    const sums = new Map<number, PartDigest>();
    for (const pages of await pageConditions(session, this.table)) {
      if (this.isOver()) {
        return undefined;
      }
      for (const [part, { rows, digest }] of await this.ranges.digests(session, {}, cuts, pages)) {
        const sum = sums.get(part) ?? NOTHING;
        sums.set(part, { rows: sum.rows + rows, digest: String(BigInt(sum.digest) + BigInt(digest)) });
      }
    }
    return sums;
  }

  private isOver(): boolean {
    return performance.now() - this.began > PATIENCE_MS;
  }

  /** In the order of the key, so that the first rows are the ones that are named. */
  private async visit(parts: readonly Part[]): Promise<void> {
    for (const part of parts) {
      const most = Math.max(part.blue.rows, part.green.rows);
      if (this.looked >= MOST_ROWS || this.isOver()) {
        this.ended = true;
        this.count += Math.max(1, Math.abs(part.blue.rows - part.green.rows));
      } else if (most <= FEW_ROWS) {
        await this.compareRows(part.range);
      } else {
        await this.cut(part);
      }
    }
  }

  private async cut({ range, blue, green }: Part): Promise<void> {
    const larger = blue.rows >= green.rows ? this.sides.blue : this.sides.green;
    const cuts = await this.ranges.cuts(larger, range, Math.max(blue.rows, green.rows), PARTS);
    if (cuts.length === 0) {
      return this.compareRows(range); // one row, many times
    }
    const [onBlue, onGreen] = await Promise.all([
      this.ranges.digests(this.sides.blue, range, cuts),
      this.ranges.digests(this.sides.green, range, cuts),
    ]);
    await this.visit(differing(range, cuts, onBlue, onGreen));
  }

  private async compareRows(range: KeyRange): Promise<void> {
    const [onBlue, onGreen] = await Promise.all([
      this.ranges.rows(this.sides.blue, range),
      this.ranges.rows(this.sides.green, range),
    ]);
    this.looked += onBlue.length + onGreen.length;
    return this.ranges.byHash ? this.compareByHash(onBlue, onGreen) : this.compareByKey(onBlue, onGreen);
  }

  private async compareByKey(onBlue: readonly HashedRow[], onGreen: readonly HashedRow[]): Promise<void> {
    const [blue, green] = [byKey(onBlue), byKey(onGreen)];
    const unlike: Key[] = [];
    for (const [at, { key }] of new Map([...onBlue, ...onGreen].map((row) => [JSON.stringify(row.key), row]))) {
      const [one, other] = [copies(blue.get(at)), copies(green.get(at))];
      if (one === 0 || other === 0) {
        this.found({ kind: one > 0 ? 'missing' : 'added', key: this.keyFacts(key) });
      } else if (one !== other) {
        this.found({ kind: 'copies', key: this.keyFacts(key), blue: one, green: other });
      } else if (blue.get(at)?.[0]?.hash !== green.get(at)?.[0]?.hash) {
        unlike.push(key);
      }
    }
    for (let from = 0; from < unlike.length; from += READ_TOGETHER) {
      await this.compareValues(unlike.slice(from, from + READ_TOGETHER));
    }
  }

  private async compareValues(keys: readonly Key[]): Promise<void> {
    const [onBlue, onGreen] = await this.valuesOf(keys, keys);
    const forms = await this.values.forms(this.sides.green, [...onBlue.values(), ...onGreen.values()]);
    for (const key of keys) {
      const [one, other] = [onBlue.get(JSON.stringify(key)), onGreen.get(JSON.stringify(key))];
      const columns = one && other ? this.values.differingColumns(forms, one, other) : [];
      if (columns.length > 0) {
        this.found({ kind: 'differs', key: this.keyFacts(key), columns });
      }
    }
  }

  private async compareByHash(onBlue: readonly HashedRow[], onGreen: readonly HashedRow[]): Promise<void> {
    const [blue, green] = [byKey(onBlue), byKey(onGreen)];
    const keys = (rows: readonly HashedRow[], others: RowsByKey) =>
      rows.filter(({ key, times }) => copies(others.get(JSON.stringify(key))) !== times).map(({ key }) => key);
    const [ofBlue, ofGreen] = [keys(onBlue, green), keys(onGreen, blue)];
    if (this.unmatched.length + ofBlue.length + ofGreen.length > MOST_UNMATCHED) {
      this.ended = true;
      this.count += Math.max(ofBlue.length, ofGreen.length);
      return;
    }
    const [valuesOnBlue, valuesOnGreen] = await this.valuesOf(ofBlue, ofGreen);
    for (const [at, values] of new Map([...valuesOnGreen, ...valuesOnBlue])) {
      this.unmatched.push({ values, blue: copies(blue.get(at)), green: copies(green.get(at)) });
    }
  }

  /** Rows whose hashes only one side has may still be equal: then they are the same row in another form. */
  async settle(): Promise<void> {
    const forms = await this.values.forms(
      this.sides.green,
      this.unmatched.map(({ values }) => values),
    );
    const rows = new Map<string, Unmatched>();
    for (const row of this.unmatched) {
      const form = JSON.stringify(forms(row.values));
      const { blue, green } = rows.get(form) ?? { blue: 0, green: 0 };
      rows.set(form, { values: row.values, blue: blue + row.blue, green: green + row.green });
    }
    for (const { values, blue, green } of rows.values()) {
      if (blue !== green) {
        this.found({ kind: 'count', blue, green, values: this.values.named(values) });
      }
    }
  }

  private valuesOf(onBlue: readonly Key[], onGreen: readonly Key[]) {
    const { blue, green } = this.sides;
    return Promise.all([this.values.of(blue, onBlue), this.values.of(green, onGreen)]);
  }

  private found(row: DifferingRow): void {
    this.count += 1;
    if (this.named.length < this.limit) {
      this.named.push(row);
    }
  }

  private keyFacts(key: Key): Record<string, string> {
    return Object.fromEntries(this.table.key.map((name, index) => [name, key[index] ?? '']));
  }
}

function differing(
  range: KeyRange,
  cuts: readonly Key[],
  onBlue: ReadonlyMap<number, PartDigest> = new Map(),
  onGreen: ReadonlyMap<number, PartDigest> = new Map(),
): Part[] {
  return partsOf(range, cuts)
    .map((part, index) => ({ range: part, blue: onBlue.get(index) ?? NOTHING, green: onGreen.get(index) ?? NOTHING }))
    .filter(({ blue, green }) => blue.rows !== green.rows || blue.digest !== green.digest);
}

type RowsByKey = ReadonlyMap<string, readonly HashedRow[]>;

/** A key that is one on blue may not be one on green any more. */
function byKey(rows: readonly HashedRow[]): RowsByKey {
  const found = new Map<string, HashedRow[]>();
  for (const row of rows) {
    const at = JSON.stringify(row.key);
    found.set(at, [...(found.get(at) ?? []), row]);
  }
  return found;
}

function copies(rows: readonly HashedRow[] | undefined): number {
  return (rows ?? []).reduce((sum, { times }) => sum + times, 0);
}

async function pageConditions(session: Session, table: ComparedTable): Promise<string[]> {
  const [size] = await session.query<{ pages: number; per_range: number }>(
    `select (pg_relation_size(oid) / current_setting('block_size')::int)::float8 as pages,
            greatest(1, floor($2 * pg_relation_size(oid) / current_setting('block_size')::int / greatest(pg_table_size(oid), 1)))::float8 as per_range
       from pg_class where oid = to_regclass($1)`,
    [relation(table), RANGE_BYTES],
  );
  const { pages = 0, per_range: perRange = 1 } = size ?? {};
  const conditions: string[] = [];
  for (let from = 0; from + perRange < pages; from += perRange) {
    conditions.push(`ctid >= '(${from},0)' and ctid < '(${from + perRange},0)'`);
  }
  return [...conditions, `ctid >= '(${conditions.length * perRange},0)'`];
}
