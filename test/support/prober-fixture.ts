/** A prober that writes to a server of its own through an endpoint front, and ways to disturb it. */
import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { setTimeout as pause } from 'node:timers/promises';
import { EndpointFront } from '../../lib/local/front/endpoint-front';
import { Prober, type ProberOptions } from '../../lib/local/prober/prober';
import type { Workload } from '../../lib/local/prober/workload';
import type { ProberCounts } from '../../lib/local/prober/write-history';
import { endsWithTest } from './lifetime/of-test';
import { PASSWORD, ScratchServer } from './scratch-server';

export const POLL_MS = 5;

export class ProberFixture {
  database = '';
  private stateFolder = '';
  private readonly probers: Prober[] = [];

  private constructor(
    readonly scratch: ScratchServer,
    readonly front: EndpointFront,
    private readonly workload: Workload,
  ) {}

  static async start(workload: Workload): Promise<ProberFixture> {
    const scratch = await ScratchServer.start();
    const front = await EndpointFront.start({ target: { host: '127.0.0.1', port: scratch.port } });
    return new ProberFixture(scratch, front, workload);
  }

  /** A database and a state folder for one test. */
  async begin(...statements: string[]): Promise<void> {
    this.stateFolder = await mkdtemp(join(tmpdir(), 'bluegreen-prober-'));
    this.database = await this.scratch.createDatabase();
    await this.sql(...statements);
  }

  async end(): Promise<void> {
    await Promise.all(this.probers.splice(0).map((prober) => prober.close()));
    await rm(this.stateFolder, { recursive: true });
  }

  async remove(): Promise<void> {
    await this.front.stop();
    await this.scratch.remove();
  }

  async probe(options: Partial<ProberOptions> = {}): Promise<Prober> {
    const { workload, stateFolder, database, front } = this;
    const address = { port: front.port, database, user: 'app', password: PASSWORD };
    const prober = await Prober.start({ ...address, workload, stateFolder, ...options });
    endsWithTest(() => prober.close());
    this.probers.push(prober);
    return prober;
  }

  async until(prober: Prober, condition: (counts: ProberCounts) => boolean): Promise<ProberCounts> {
    for (;;) {
      const counts = await prober.counts();
      if (condition(counts)) return counts;
      await pause(POLL_MS);
    }
  }

  async untilMore(prober: Prober, operations: number): Promise<ProberCounts> {
    const { acknowledged } = await prober.counts();
    return this.until(prober, (counts) => counts.acknowledged >= acknowledged + operations);
  }

  /** @returns how many rows the last statement returned or touched */
  async sql(...statements: string[]): Promise<number> {
    return this.scratch.as('master', this.database, async (client) => {
      let rows = 0;
      for (const statement of statements) rows = (await client.query(statement)).rowCount ?? 0;
      return rows;
    });
  }

  async rows<Row>(query: string): Promise<Row[]> {
    return this.scratch.as('master', this.database, async (client) => (await client.query(query)).rows as Row[]);
  }

  /** Queries of the application's sessions that wait for an event of this type. */
  async waiting(waitEventType: string): Promise<string[]> {
    const sql =
      "select query from pg_stat_activity where datname = $1 and usename = 'app' and state = 'active' and wait_event_type = $2";
    const { rows } = await this.scratch.server.asAdmin((admin) =>
      admin.query<{ query: string }>(sql, [this.database, waitEventType]),
    );
    return rows.map(({ query }) => query);
  }

  async untilAllWait(writers: number, waitEventType: string): Promise<string[]> {
    for (;;) {
      const queries = await this.waiting(waitEventType);
      if (queries.length === writers) return queries;
      await pause(POLL_MS);
    }
  }

  endSessions(): Promise<unknown> {
    return this.scratch.server.asAdmin((admin) =>
      admin.query("select pg_terminate_backend(pid) from pg_stat_activity where datname = $1 and usename = 'app'", [
        this.database,
      ]),
    );
  }

  async setReadOnly(readOnly: 'on' | 'off'): Promise<void> {
    await this.scratch.server.asAdmin((admin) =>
      admin.query(`alter database ${this.database} set default_transaction_read_only = ${readOnly}`),
    );
    await this.endSessions();
  }

  /** Commits are made durable, and then not answered, as long as a standby that does not exist has not confirmed them. */
  async holdCommits(hold: boolean): Promise<void> {
    await this.scratch.server.asAdmin(async (admin) => {
      await admin.query(`alter system set synchronous_standby_names = '${hold ? 'nobody' : ''}'`);
      await admin.query('select pg_reload_conf()');
    });
  }
}
