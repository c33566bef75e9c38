/** Reads from a side's slot which of its rows changed, in the order of commits, as far as somebody asks for it. */
import { randomBytes } from 'node:crypto';
import { LogicalReplicationService, type Pgoutput } from 'pg-logical-replication';
import { TemporarilyUnavailable } from '../../../core/errors';
import { tableKey } from '../../../core/schema';
import { clientConfig, type Session } from '../session/session';
import { KeysPlugin } from './keys-plugin';

export interface ChangedRow {
  /** As {@link tableKey} gives it. */
  readonly table: string;
  /** Absent where all that can be told is that the table changed. */
  readonly key?: readonly string[];
}

/** What changed up to one commit. */
export interface Portion {
  /** By what tells them apart. */
  readonly rows: ReadonlyMap<string, ChangedRow>;
  /** Where it ends in this side's WAL. */
  readonly end: string;
  /** Whether it goes as far as was asked for. */
  readonly complete: boolean;
}

export interface StreamOptions {
  /** Of the side; the stream takes a connection of its own beside it. */
  readonly session: Session;
  /** Name of slot and publication. */
  readonly channel: string;
  /** By which columns rows of a table are named; none where they are not. */
  readonly keyOf: (table: string) => readonly string[];
}

/** How rows of a table are named. */
interface Naming {
  readonly table: string;
  readonly columns: readonly string[];
}

/** So many rows are compared at once, and held at most. */
const MOST_ROWS = 20_000;
/** Nobody waits for the server to notice by itself that we are gone, nor the other way round. */
const STATUS_EVERY_MS = 5_000;
const MESSAGE_PREFIX = 'bluegreen';

/** On which it depends how the server writes the values it sends; in a session these are set by statements. */
const VALUES_AS_TEXT =
  '-c datestyle=ISO -c timezone=UTC -c intervalstyle=postgres -c extra_float_digits=1 -c bytea_output=hex -c lc_monetary=C';

export class ChangeStream {
  private rows = new Map<string, ChangedRow>();
  private token: string | undefined;
  /** Whether the mark was read, and whether its transaction was read to its end. */
  private seen = false;
  private complete = false;
  /** Where the commit before the one that is being read ends. */
  private lastEnd: string;
  private deliver: ((portion: Portion) => void) | undefined;
  private fail: ((error: Error) => void) | undefined;
  private broken: Error | undefined;
  private readonly status: NodeJS.Timeout;
  private readonly naming = new WeakMap<Pgoutput.MessageRelation, Naming>();

  private constructor(
    private readonly service: LogicalReplicationService,
    private readonly plugin: KeysPlugin,
    private readonly options: StreamOptions,
    /** What the slot need not keep any more. */
    private confirmed: string,
  ) {
    this.lastEnd = confirmed;
    service.on('data', (_, message: Pgoutput.Message) => {
      try {
        this.take(message);
      } catch (error) {
        this.breakOff(asError(error));
      }
    });
    service.on('error', (error) => this.breakOff(error));
    service.on('heartbeat', (_, __, shouldRespond) => {
      if (shouldRespond) {
        this.report();
      }
    });
    this.status = setInterval(() => this.report(), STATUS_EVERY_MS);
    this.status.unref();
  }

  static async open(options: StreamOptions): Promise<ChangeStream> {
    const { session, channel } = options;
    const [slot] = await session.query<{ version: number; confirmed: string }>(
      `select current_setting('server_version_num')::int as version,
              greatest(confirmed_flush_lsn, (select passed_over from bluegreen.run))::text as confirmed,
              pg_terminate_backend(active_pid, 5000) from pg_replication_slots where slot_name = $1`,
      [channel],
    );
    const service = new LogicalReplicationService(
      { ...(await clientConfig(session.options)), options: VALUES_AS_TEXT },
      // nothing is confirmed that was not compared
      { acknowledge: { auto: false, timeoutSeconds: 0 } },
    );
    const plugin = new KeysPlugin(channel, (slot?.version ?? 0) >= 160_000);
    const stream = new ChangeStream(service, plugin, options, slot?.confirmed ?? '0/0');
    try {
      await stream.start();
      return stream;
    } catch (error) {
      await stream.close();
      throw error;
    }
  }

  /** Everything that has changed by now; less where that is too much at once. @throws TemporarilyUnavailable */
  async read(): Promise<Portion> {
    this.seen = false; // an earlier mark was set before what has been compared since
    this.complete = false;
    await this.mark();
    if (this.broken) {
      throw this.broken;
    }
    return new Promise((resolve, reject) => {
      this.deliver = resolve;
      this.fail = reject;
      this.handOutIfEnough();
    });
  }

  /** What ends here need not be kept any more. */
  confirm(end: string): void {
    this.confirmed = end;
  }

  async close(): Promise<void> {
    clearInterval(this.status);
    this.report();
    this.fail = undefined;
    await this.service.destroy().catch(() => undefined); // a connection that broke is closed, too
  }

  private async start(): Promise<void> {
    const started = new Promise<void>((resolve) => this.service.once('start', resolve));
    const failed = this.service
      .subscribe(this.plugin, this.options.channel, this.confirmed)
      .then(() => new Error('the server ended it'), asError);
    failed.then((error) => this.breakOff(error));
    await Promise.race([started, failed.then((error) => Promise.reject(this.explained(error)))]);
  }

  /** Where to stop reading: everything committed before it comes before it. It may come before the server's answer does. */
  private async mark(): Promise<void> {
    this.token = randomBytes(12).toString('base64url');
    try {
      await this.options.session.query(`select pg_logical_emit_message(true, '${MESSAGE_PREFIX}', $1)`, [this.token]);
    } catch (error) {
      this.token = undefined;
      throw error;
    }
  }

  private take(message: Pgoutput.Message): void {
    switch (message.tag) {
      case 'insert':
        this.changed(message.relation, message.new);
        break;
      case 'update':
        this.changed(message.relation, message.key ?? message.old, message.new);
        break;
      case 'delete':
        this.changed(message.relation, message.key ?? message.old);
        break;
      case 'truncate':
        for (const relation of message.relations) {
          this.add({ table: tableKey(relation) });
        }
        break;
      case 'message':
        this.seen ||= message.prefix === MESSAGE_PREFIX && Buffer.from(message.content).toString() === this.token;
        break;
      case 'commit':
        this.lastEnd = message.commitEndLsn ?? this.lastEnd;
        this.complete ||= this.seen;
        this.handOutIfEnough();
        break;
    }
  }

  /** One transaction may change more rows than can be held, so they are handed out before it ends, too. */
  private changed(
    relation: Pgoutput.MessageRelation,
    ...tuples: readonly (Readonly<Record<string, unknown>> | null)[]
  ): void {
    const { table, columns } = this.namingOf(relation);
    for (const values of tuples) {
      // without values the key is the one of before
      if (values) {
        const key = columns.map((column) => values[column]);
        this.add(key.length > 0 && key.every(isText) ? { table, key } : { table });
      }
    }
    this.handOutIfEnough();
  }

  private namingOf(relation: Pgoutput.MessageRelation): Naming {
    const known = this.naming.get(relation);
    if (known) {
      return known;
    }
    const table = tableKey(relation);
    const naming = { table, columns: this.options.keyOf(table) };
    this.naming.set(relation, naming);
    return naming;
  }

  private add(row: ChangedRow): void {
    this.rows.set(`${row.table}${JSON.stringify(row.key ?? null)}`, row);
  }

  /** To somebody who waits for it; what is more than can be held waits on the server until somebody does. */
  private handOutIfEnough(): void {
    const tooMuch = this.rows.size >= MOST_ROWS;
    if (this.deliver && (this.complete || tooMuch)) {
      const portion = { rows: this.rows, end: this.lastEnd, complete: this.complete };
      this.rows = new Map();
      this.complete = false;
      this.deliver(portion);
      this.deliver = undefined;
      this.fail = undefined;
      this.plugin.resume();
    } else if (tooMuch) {
      this.plugin.pause();
    }
  }

  private report(): void {
    this.service.acknowledge(byteBefore(this.confirmed)).catch(() => undefined); // a connection that broke is found at its next use
  }

  private breakOff(error: Error): void {
    this.broken ??= this.explained(error);
    this.fail?.(this.broken);
  }

  private explained(error: Error): Error {
    const { database, address } = this.options.session.options;
    return new TemporarilyUnavailable(`what changed in database "${database}" at ${address.host}:${address.port}`, {
      cause: error,
    });
  }
}

/**
 * The library reports the byte after the one it is given as the first that is needed. Here that is the one where a commit
 * ended, and another one may begin: reported as gone, that one would never be sent.
 */
function byteBefore(lsn: string): string {
  const [high = 0n, low = 0n] = lsn.split('/').map((part) => BigInt(`0x${part}`));
  const before = (high << 32n) + low - 1n;
  return before < 0n ? '0/0' : `${(before >> 32n).toString(16)}/${(before & 0xffffffffn).toString(16)}`;
}

function isText(value: unknown): value is string {
  return typeof value === 'string';
}

function asError(error: unknown): Error {
  return error instanceof Error ? error : new Error(String(error));
}
