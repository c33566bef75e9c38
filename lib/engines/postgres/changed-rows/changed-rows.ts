/** The ChangedRows port on PostgreSQL: a slot on each side says which rows changed, and both sides are asked for them by their keys. */

import { alteredTypes, type ComparedTable, planComparison } from '../../../core/comparison';
import type { Difference, DifferingRow } from '../../../core/differences';
import { tableKey, tableName } from '../../../core/schema';
import type * as port from '../../../ports/changed-rows';
import { readTables } from '../catalog/catalog';
import type { ComparisonOptions } from '../comparison/comparison';
import { readableTypes } from '../comparison/readable-types';
import { readAlike } from '../reader/text-form';
import { slotState } from '../replication/publisher';
import type { ReplicatedTable } from '../replication/replicated-table';
import { readReplicatedTables } from '../replication/replicated-tables';
import { Session } from '../session/session';
import { type ChangedRow, ChangeStream, type Portion } from './change-stream';
import { keepChanges } from './key-publication';
import { differingNamedRows, type Sides } from './named-rows';
import { namingKey, sift } from './sifted-rows';
import { differenceOfWhole, isSmall } from './whole-table';

export interface ChangedRowsOptions extends ComparisonOptions {
  /** Name of slot and publication, the same on both sides. */
  readonly channel: string;
  /** How many rows of a table are named when they differ. */
  readonly rowsNamed: number;
}

interface Listening {
  readonly sides: Sides;
  readonly streams: { readonly blue: ChangeStream; readonly green: ChangeStream };
  /** By name. */
  readonly tables: ReadonlyMap<string, ComparedTable>;
}

/** A row that differs, or a table that does. */
interface Suspect {
  readonly changed: ChangedRow;
  readonly found: DifferingRow | Difference;
}

type Ends = Readonly<Record<'blue' | 'green', string>>;

export class PostgresChangedRows implements port.ChangedRows {
  private listening: Listening | undefined;
  private readonly changed = new Map<string, ChangedRow>();
  private suspects: ReadonlyMap<string, Suspect> = new Map();
  private complete = false;
  private ends: Ends | undefined;
  /** Where the portion before ended. */
  private endsBefore: Ends | undefined;

  /** @param blue and @param green sessions of the phase, for what is done before and after listening */
  constructor(
    private readonly blue: Session,
    private readonly green: Session,
    private readonly options: ChangedRowsOptions,
  ) {}

  async keep(): Promise<boolean> {
    const { channel } = this.options;
    const kept = await Promise.all([
      keepChanges(this.blue, channel, { namesOnly: true }),
      keepChanges(this.green, channel, { namesOnly: false }), // contract changes may alter or drop any column
    ]);
    return kept.every((isKept) => isKept);
  }

  async gap(): Promise<string | undefined> {
    const { channel } = this.options;
    for (const [side, session] of Object.entries({ blue: this.blue, green: this.green })) {
      const slot = await slotState(session, channel);
      if (!slot || slot.lost) {
        return `slot ${channel} on ${side}, which says which rows changed, is ${slot ? 'lost' : 'gone'}`;
      }
    }
    return undefined;
  }

  /** Kept where the commit makes it durable: a server that crashes has forgotten how far its slot was advanced. */
  async passOverGreens(): Promise<void> {
    await this.green.query('update bluegreen.run set passed_over = pg_current_wal_flush_lsn()');
  }

  async listen(): Promise<void> {
    const { options } = this;
    const sides = { blue: new Session(options.blue), green: new Session(options.green) };
    try {
      await Promise.all([readAlike(sides.blue, options.timeZone), readAlike(sides.green, options.timeZone)]);
      const tables = await this.plan(sides);
      const keyOf = (table: string) => tables.get(table)?.key ?? [];
      const open = (side: 'blue' | 'green') =>
        ChangeStream.open({ session: sides[side], channel: options.channel, keyOf });
      const [blue, green] = await Promise.allSettled([open('blue'), open('green')]);
      if (blue.status === 'fulfilled' && green.status === 'fulfilled') {
        this.listening = { sides, streams: { blue: blue.value, green: green.value }, tables };
        return;
      }
      await Promise.all([blue, green].map((one) => one.status === 'fulfilled' && one.value.close()));
      throw [blue, green].find((one) => one.status === 'rejected')?.reason;
    } catch (error) {
      await Promise.all([sides.blue.close(), sides.green.close()]);
      throw error;
    }
  }

  async read(): Promise<boolean> {
    const { blue, green } = this.require().streams;
    const portions: [Portion, Portion] = await Promise.all([blue.read(), green.read()]);
    for (const { rows } of portions) {
      for (const [id, row] of rows) {
        this.changed.set(id, row);
      }
    }
    this.complete = portions.every(({ complete }) => complete);
    this.ends = { blue: portions[0].end, green: portions[1].end };
    return this.complete;
  }

  async compare({ last }: { readonly last: boolean }): Promise<port.ComparedRows> {
    const changed = new Map(this.changed);
    this.changed.clear();
    const { different, look } = sift(this.suspects.keys(), this.changedAgain(changed), this.complete);
    const rows = look.flatMap((id): [string, ChangedRow][] => {
      const row = changed.get(id) ?? this.suspects.get(id)?.changed;
      return row ? [[id, row]] : [];
    });
    const { suspects, skipped } = await this.differing(new Map(rows));
    const proved = [...suspects].filter(([id]) => last || different.includes(id));
    this.suspects = suspects;
    if (proved.length === 0) {
      this.confirm(changed);
    }
    return {
      rows: look.length,
      suspected: suspects.size,
      differences: this.differences(proved.map(([, suspect]) => suspect)),
      skipped,
    };
  }

  async close(): Promise<void> {
    const { listening } = this;
    this.listening = undefined;
    if (listening) {
      const { streams, sides } = listening;
      await Promise.all([streams.blue, streams.green, sides.blue, sides.green].map((one) => one.close()));
    }
  }

  /** What is compared how; the key is the one by which changed rows are named. */
  private async plan({ blue, green }: Sides): Promise<ReadonlyMap<string, ComparedTable>> {
    const [ofBlue, ofGreen] = await Promise.all([readTables(blue), readTables(green)]);
    const [onBlue, onGreen] = await Promise.all([replicatedByName(blue), replicatedByName(green)]);
    const named = ofBlue.tables.map((table) => {
      const name = tableKey(table);
      return { ...table, key: namingKey(onBlue.get(name), onGreen.get(name), table.key) };
    });
    const readable = await readableTypes(blue, green, alteredTypes(ofBlue, ofGreen));
    const { tables } = planComparison({ tables: named }, ofGreen, this.options, readable);
    return new Map(tables.map((table) => [tableKey(table), table]));
  }

  /** A table that is compared as a whole has changed again when any row of it has. */
  private changedAgain(changed: ReadonlyMap<string, ChangedRow>): Set<string> {
    const tables = new Set([...changed.values()].map(({ table }) => table));
    const wholes = [...this.suspects].filter(
      ([
        ,
        {
          changed: { key, table },
        },
      ]) => key === undefined && tables.has(table),
    );
    return new Set([...changed.keys(), ...wholes.map(([id]) => id)]);
  }

  private async differing(rows: ReadonlyMap<string, ChangedRow>) {
    const { sides, tables } = this.require();
    const suspects = new Map<string, Suspect>();
    const skipped: string[] = [];
    for (const [name, ids] of byTable(rows)) {
      const table = tables.get(name);
      if (!table) {
        continue; // left out of the verdict, too
      }
      const named = ids.filter(([, { key }]) => key !== undefined);
      const keys = named.map(([, { key }]) => key ?? []);
      for (const [at, found] of await differingNamedRows(sides, table, keys)) {
        const [id, changed] = named[at] ?? [];
        if (id !== undefined && changed) {
          suspects.set(id, { changed, found });
        }
      }
      const [whole] = ids.filter(([, { key }]) => key === undefined);
      if (whole && !(await isSmall(sides, table))) {
        skipped.push(tableName(table));
      } else if (whole) {
        const found = await differenceOfWhole(sides, table, this.options.rowsNamed);
        if (found) {
          suspects.set(whole[0], { changed: whole[1], found });
        }
      }
    }
    return { suspects, skipped };
  }

  /** A row that differs is kept by the servers from where it changed last: so nothing is forgotten when the one who reads is gone. */
  private confirm(changed: ReadonlyMap<string, ChangedRow>): void {
    const upTo =
      this.suspects.size === 0
        ? this.ends
        : [...this.suspects.keys()].every((id) => changed.has(id))
          ? this.endsBefore
          : undefined;
    const { streams } = this.require();
    if (upTo) {
      streams.blue.confirm(upTo.blue);
      streams.green.confirm(upTo.green);
    }
    this.endsBefore = this.ends;
  }

  private differences(suspects: readonly Suspect[]): Difference[] {
    const differences: Difference[] = [];
    const rows = new Map<string, DifferingRow[]>();
    for (const { changed, found } of suspects) {
      if ('table' in found) {
        differences.push(found);
      } else {
        rows.set(changed.table, [...(rows.get(changed.table) ?? []), found]);
      }
    }
    for (const [name, found] of rows) {
      const { schema, name: table } = this.require().tables.get(name) as ComparedTable;
      differences.push({
        table: { schema, name: table },
        rows: found.slice(0, this.options.rowsNamed),
        count: found.length,
        atLeast: false,
      });
    }
    return differences;
  }

  private require(): Listening {
    if (!this.listening) {
      throw new TypeError('nobody listens to what changes');
    }
    return this.listening;
  }
}

async function replicatedByName(session: Session): Promise<ReadonlyMap<string, ReplicatedTable>> {
  const tables = await readReplicatedTables(session);
  return new Map(tables.filter(({ kind }) => kind === 'table').map((table) => [tableKey(table), table]));
}

function byTable(rows: ReadonlyMap<string, ChangedRow>): ReadonlyMap<string, [string, ChangedRow][]> {
  const tables = new Map<string, [string, ChangedRow][]>();
  for (const [id, row] of rows) {
    const ofTable = tables.get(row.table) ?? [];
    tables.set(row.table, ofTable);
    ofTable.push([id, row]);
  }
  return tables;
}
