/**
 * The freeze: one side refuses writes until it is lifted or handed over to the other side.
 *
 * `default_transaction_read_only` on the database makes honest clients see a read-only database; any session may override
 * it, and is met by the fence.
 */
import { escapeLiteral } from 'pg';
import { DatabaseRefused, FreezeFailed, TemporarilyUnavailable } from '../../../core/errors';
import type { Freeze } from '../../../ports/database';
import { MARK_ONCE_FENCED, markerToken, writeMarker } from '../replication/marker';
import { isThere } from '../run-record/own-schema';
import { RUN_APPLICATION_NAME, Session } from '../session/session';
import { endingClientSessions, endReadOnlySessions } from './client-sessions';
import { fenceAtOnce, fenceGaps, PASS, REFUSE, type TableRow, UNFENCED } from './fence';
import { untilDone, WRITERS, WRITERS_GONE, type Writer } from './writers';

/** SQLSTATE of our own for a run that may not do what it wants to. */
const NOT_HELD = 'BG001';

/** ALTER DATABASE takes no parameter; the server quotes the database's name. */
const setReadOnly = (value: 'on' | undefined) =>
  `execute format('alter database %I ${value ? `set default_transaction_read_only = ${value}` : 'reset default_transaction_read_only'}', current_database())`;

const READ_ONLY = `exists (select from pg_db_role_setting s join pg_database d on d.oid = s.setdatabase
  where d.datname = current_database() and s.setrole = 0 and 'default_transaction_read_only=on' = any (s.setconfig))`;

/** `infinity` until the transaction is known to be committed: sessions that begin meanwhile are read-only, too. */
const LET_SESSIONS_WRITE = `
  if ${READ_ONLY} then
    ${setReadOnly(undefined)};
    update bluegreen.run set lifted_at = 'infinity';
  end if;`;

const LIFT = `
  ${PASS};
  ${LET_SESSIONS_WRITE}`;

interface FreezeRow {
  freeze_id: string;
  frozen_until: Date;
  handed_over: boolean;
  fenced: boolean;
}

/** The record says so when nobody writes any more who did when the fence was closed. */
export const FENCED = `update bluegreen.run set fenced = true where freeze_id = $1 and ${WRITERS_GONE} returning run_id`;

export interface FreezeOptions {
  /** Deadline of a new freeze; one that is already there keeps its own. */
  readonly until: Date;
  /** Process whose session is left alone: a client of ours that is to find out whether it is refused. */
  readonly spared: number | undefined;
  /** Whether a marker follows what was written last, and the fence is taken to be as it was armed: who asks for it looks for gaps in it later. */
  readonly marking: boolean;
}

/** Few messages, because writers wait for every one of them. Where the fence was armed before, sessions go on, refused. */
export async function freeze(
  session: Session,
  runId: string,
  { until, spared, marking }: FreezeOptions,
): Promise<Freeze & { readonly marker?: string }> {
  const { row, unfenced, ...closed } = await close(session, runId, until, marking);
  const made = { id: row.freeze_id, until: row.frozen_until, handedOver: row.handed_over };
  if (row.fenced) {
    await fenceAtOnce(session, unfenced);
    return marking ? { ...made, marker: (await writeMarker(session)).token } : made;
  }
  let { writers } = closed;
  if (unfenced.length > 0) {
    await session.query(endingClientSessions(spared)); // who writes holds locks that the fence has to wait for
    await fenceAtOnce(session, unfenced);
    writers = await session.planned<Writer>(WRITERS);
  }
  const marker = markerToken();
  const isMade = await untilDone(session, writers, async (transactions) => {
    const [fenced] = await Promise.all([
      session.planned(FENCED, [row.freeze_id, transactions]),
      marking ? session.planned(MARK_ONCE_FENCED, [marker, row.freeze_id]) : undefined,
    ]);
    return fenced.length > 0;
  });
  if (!isMade) {
    throw new TemporarilyUnavailable('the freeze', { cause: new Error('it was lifted while it was being made') });
  }
  return marking ? { ...made, marker } : made;
}

interface Closed {
  readonly row: FreezeRow;
  readonly unfenced: readonly TableRow[];
  readonly writers: readonly Writer[];
}

/** Fence, setting and record in one transaction; after it, who was in the middle of writing, and where. */
async function close(session: Session, runId: string, until: Date, isArmed: boolean): Promise<Closed> {
  try {
    const [, , [row], , unfenced, writers] = await Promise.all([
      session.command('begin'),
      session.command(
        `do $freeze$ begin
           update bluegreen.run set freeze_id = coalesce(freeze_id, gen_random_uuid()), lifted_at = null,
                  freezes = freezes + (freeze_id is null)::int,
                  fenced = fenced and freeze_id is not null,
                  frozen_until = coalesce(frozen_until, ${escapeLiteral(until.toISOString())})
            where run_id = ${escapeLiteral(runId)} and green_state <> 'abandoned';
           if not found then
             raise exception 'the lock is gone' using errcode = '${NOT_HELD}';
           end if;
           ${REFUSE};
           ${setReadOnly('on')};
         end $freeze$`,
      ),
      session.planned<FreezeRow>('select freeze_id, frozen_until, handed_over, fenced from bluegreen.run'),
      session.command('commit'),
      isArmed ? [] : session.planned<TableRow>(UNFENCED), // that takes the longer the more tables there are
      session.planned<Writer>(WRITERS),
    ]);
    if (row) {
      return { row, unfenced, writers };
    }
  } catch (error) {
    if (!(error instanceof DatabaseRefused && error.sqlState === NOT_HELD)) {
      throw error;
    }
  }
  throw new FreezeFailed(`run "${runId}" does not hold the lock under which it wants to freeze`);
}

/** Why the freeze cannot be relied on although the record says there is one. */
export async function freezeGaps(session: Session): Promise<string[]> {
  const gaps = await fenceGaps(session);
  return (await readOnlyByDefault(session)) ? gaps : [...gaps, 'the database is not read-only by default any more'];
}

export async function readOnlyByDefault(session: Session): Promise<boolean> {
  const [row] = await session.query<{ found: boolean }>(`select ${READ_ONLY} as found`);
  return row?.found === true;
}

export const HANDED_OVER = `
  update bluegreen.run set handed_over = true where run_id = $1 and freeze_id = $2 and green_state <> 'abandoned' returning run_id`;

/**
 * The last word of the side that gives up the application: from here on it refuses writes until the other side is known
 * not to have taken over. Of this and the lifting of the freeze only one can happen.
 *
 * @returns false when this freeze was lifted meanwhile
 */
export async function handOver(session: Session, runId: string, freezeId: string): Promise<boolean> {
  return (await session.planned(HANDED_OVER, [runId, freezeId])).length > 0;
}

/**
 * Lets the database accept writes again, at once for every table; does nothing where there is no freeze of this run.
 *
 * @param options.handedOver whether a side that was handed over may be taken back: only when the other one cannot open any more
 * @returns false when it was handed over and may not be taken back
 */
export async function unfreeze(session: Session, runId: string, options: { handedOver: boolean }): Promise<boolean> {
  if (!(await isThere(session, 'run'))) {
    return true;
  }
  const outcome = await session.transaction(async () => {
    const [row] = await session.query<{ frozen: boolean; lifted: boolean; handed_over: boolean }>(
      `select freeze_id is not null as frozen, lifted_at is not null as lifted, handed_over from bluegreen.run
        where run_id = $1 for update`,
      [runId],
    );
    if (!row || !(row.frozen || row.lifted)) {
      return 'nothing';
    }
    if (row.handed_over && !options.handedOver) {
      return 'handed over';
    }
    if (row.frozen) {
      await session.query(
        `do $lift$ begin
           update bluegreen.run set freeze_id = null, frozen_until = null, fenced = false, handed_over = false;
           ${LIFT}
         end $lift$`,
      );
    }
    return 'lifted';
  });
  if (outcome === 'lifted') {
    await endReadOnlySessions(session);
  }
  return outcome !== 'handed over';
}

/** Makes a side that refuses writes look like one that does not, so that sessions made from now on need not be made again when it opens. */
export async function admitSessions(session: Session): Promise<void> {
  if (await readOnlyByDefault(session)) {
    await session.query(`do $admit$ begin ${LET_SESSIONS_WRITE} end $admit$`);
    await endReadOnlySessions(session);
  }
}

/** Takes back what {@link admitSessions} did on a side that was handed over; sessions made meanwhile are to be ended. */
export async function excludeSessions(session: Session): Promise<void> {
  await session.query(`do $exclude$ begin
    perform from bluegreen.run where freeze_id is not null and handed_over for update;
    if found and not (${READ_ONLY}) then
      ${setReadOnly('on')};
      update bluegreen.run set lifted_at = null;
    end if;
  end $exclude$`);
}

/** The point of no return, in one transaction, unless green was abandoned. */
export async function openGreen(session: Session, runId: string): Promise<'opened' | 'abandoned'> {
  try {
    await session.command(
      `do $open$ declare was text; begin
         select green_state into was from bluegreen.run where run_id = ${escapeLiteral(runId)} for update;
         if was is null or was not in ('closed', 'open') then
           raise exception 'green was abandoned' using errcode = '${NOT_HELD}';
         end if;
         if was = 'closed' then
           update bluegreen.run set green_state = 'open';
           ${LIFT}
         end if;
       end $open$`,
    );
  } catch (error) {
    if (error instanceof DatabaseRefused && error.sqlState === NOT_HELD) {
      return 'abandoned';
    }
    throw error;
  }
  await endReadOnlySessions(session);
  return 'opened';
}

const DEAD_MAN = `${RUN_APPLICATION_NAME} dead man`;

/**
 * Lifts the freeze when `seconds` are over and nobody has handed this side over or lifted it by then. A statement of the
 * server's: it goes on when whoever armed it is gone.
 *
 * @returns takes it back
 */
export async function armDeadMan(session: Session, runId: string, seconds: number): Promise<() => Promise<void>> {
  await disarmDeadMan(session);
  const deadMan = new Session({ ...session.options, applicationName: DEAD_MAN });
  const client = await deadMan.connected();
  client
    .query(deadManStatement(client.escapeLiteral(runId), seconds))
    .catch(() => undefined) // being disarmed is its usual end
    .finally(() => deadMan.close());
  return async () => {
    await disarmDeadMan(session);
    await deadMan.close();
  };
}

/** Whoever armed it. */
export async function disarmDeadMan(session: Session): Promise<void> {
  await session.query(
    'select pg_terminate_backend(pid, 2000) from pg_stat_activity where application_name = $1 and datname = current_database()',
    [DEAD_MAN],
  );
}

const deadManStatement = (runId: string, seconds: number) => `
  do $dead_man$
  begin
    perform pg_sleep(${seconds});
    perform from bluegreen.run where run_id = ${runId} and freeze_id is not null and not handed_over for update;
    if not found then
      return;
    end if;
    update bluegreen.run set freeze_id = null, frozen_until = null, fenced = false;
    ${LIFT}
  end $dead_man$`;
