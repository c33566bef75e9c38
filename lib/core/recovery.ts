/** What to do after a failure: go back to blue, or stay on green because it may hold writes that blue does not have. */
import { CHANNEL_NAMES, channelName, runNames } from './identifiers';
import type { PlanSettings } from './plan';
import type { Failure, Leftover } from './run';

/** What recovery sees of green. `unknown`: green exists and cannot be asked. */
export type SeenGreen = 'absent' | 'closed' | 'abandoned' | 'open' | 'failing-back' | 'retiring' | 'unknown';

export interface RecoveryObservation {
  readonly green: SeenGreen;
  /** Whether blue has said its last word, after which green may have opened; undefined when blue cannot be asked. */
  readonly blueHandedOver: boolean | undefined;
  /** Whether blue follows green, so that going back loses nothing. */
  readonly wayBack: boolean;
  readonly failure: Pick<Failure, 'phase' | 'error'>;
}

export type Recovery =
  | { readonly action: 'roll-back'; readonly reason: string }
  | { readonly action: 'fail-back'; readonly reason: string }
  | { readonly action: 'stay-on-green'; readonly reason: string }
  | { readonly action: 'wait'; readonly reason: string };

/** Phases whose failures say that green should not serve. One while blue is being retired says nothing of the kind, nor does a run that was stopped. */
const AGAINST_GREEN: readonly Failure['phase'][] = ['switchover', 'bake', 'failback'];

/** Errors that say something about the way back, and nothing against green. */
const AGAINST_WAY_BACK: readonly string[] = ['FollowingBroken', 'WayBackDiffers', 'LineageLost', 'TooMuchWalKept'];

/**
 * Green is opened by one transaction on green, and abandoned by another; whichever comes first wins. So whether the
 * application could have written to green is a fact that green itself holds, and never a guess.
 */
export function decideRecovery({ green, blueHandedOver, wayBack, failure }: RecoveryObservation): Recovery {
  switch (green) {
    case 'absent':
      return { action: 'roll-back', reason: 'green does not exist' };
    case 'closed':
    case 'abandoned':
      return { action: 'roll-back', reason: 'green never accepted a write of the application' };
    case 'failing-back':
      return { action: 'fail-back', reason: 'the application is on its way back to blue' };
    case 'retiring':
      return { action: 'stay-on-green', reason: 'green serves, and blue was given up' };
    case 'open':
      if (wayBack && AGAINST_GREEN.includes(failure.phase) && !AGAINST_WAY_BACK.includes(failure.error)) {
        return { action: 'fail-back', reason: 'green was opened, and blue follows it' };
      }
      return {
        action: 'stay-on-green',
        reason: wayBack
          ? 'green serves, and nothing that failed speaks against it'
          : 'green was opened and may hold writes that blue does not have',
      };
    case 'unknown':
      return blueHandedOver === false
        ? { action: 'roll-back', reason: 'green cannot be reached, and blue never handed the application over' }
        : { action: 'wait', reason: 'green cannot be reached, and the application may have written to it' };
  }
}

type ManualPlan = Pick<PlanSettings, 'name' | 'blue' | 'followedDatabases' | 'endpoint' | 'sync'>;

const WRITABLE = '-c "set default_transaction_read_only = off"';
/** psql's own way to run what a query returns. */
const DROP_CHANNELS =
  `-c "select pg_terminate_backend(active_pid) from pg_replication_slots where slot_name ~ '${CHANNEL_NAMES}' and active" ` +
  `-c "select pg_drop_replication_slot(slot_name) from pg_replication_slots where slot_name ~ '${CHANNEL_NAMES}' and database = current_database()"`;

/** What a human runs when a failback did not get through: the same again, which goes on where it stands. Neither side is given up before. */
export function manualFailback({ name, blue }: ManualPlan, runId: string): Leftover[] {
  return [
    {
      what: `the application is between green ${runNames(name, runId).green} and blue ${blue.identifier}; keep both until a failback got through`,
      command: `aws stepfunctions start-execution --state-machine-arn <state machine of plan ${name}> --input '{"runId":"${runId}","failback":true}'`,
    },
  ];
}

/** What a human runs, in this order, when the recovery cannot. Safe to run more than once. */
export function manualRollback(plan: ManualPlan, runId: string): Leftover[] {
  const { green, snapshot } = runNames(plan.name, runId);
  const databases = [plan.blue.database, ...plan.followedDatabases];
  return [
    {
      what: 'close green for good, unless it was opened; unless it says "abandoned" now, stop here: green serves or may serve, keep it',
      command: `${psql(green, plan.blue.database)} ${WRITABLE} -c "update bluegreen.run set green_state = 'abandoned' where green_state = 'closed'" -c "select run_id, green_state from bluegreen.run"`,
    },
    {
      what: 'lead the endpoint to blue',
      command: `aws route53 change-resource-record-sets --hosted-zone-id ${plan.endpoint.hostedZoneId} --change-batch '${upsert(plan)}'`,
    },
    ...databases.map((database) => ({
      what: `let blue accept writes again and release the lock in database "${database}"`,
      command: `${psql(plan.blue.identifier, database)} ${WRITABLE} ${removeRun(database)}`,
    })),
    ...(plan.sync === 'replication' ? databases.map((database) => closeChannels(plan, runId, database)) : []),
    {
      what: 'take off the protection green may have got',
      command: `aws rds modify-db-instance --db-instance-identifier ${green} --no-deletion-protection --apply-immediately`,
    },
    {
      what: 'delete green',
      command: `aws rds delete-db-instance --db-instance-identifier ${green} --skip-final-snapshot`,
    },
    {
      what: "delete the run's snapshot",
      command: `aws rds delete-db-snapshot --db-snapshot-identifier ${snapshot}`,
    },
  ];
}

function psql(identifier: string, database: string): string {
  return `psql "host=<address of ${identifier}> dbname=${database}"`;
}

function removeRun(database: string): string {
  return `-c "alter database \\"${database.replaceAll('"', '""')}\\" reset default_transaction_read_only" -c "drop function if exists bluegreen.refuse_write() cascade" -c "drop table if exists bluegreen.run, bluegreen.marker, bluegreen.published, bluegreen.paused_job"`;
}

function closeChannels(plan: ManualPlan, runId: string, database: string): Leftover {
  const forward = channelName(plan.name, runId, database, 'forward');
  const back = channelName(plan.name, runId, database, 'back');
  const rows = channelName(plan.name, runId, database, 'rows');
  return {
    what: `end following between blue and green in database "${database}": the slot keeps WAL until it is dropped`,
    command: `${psql(plan.blue.identifier, database)} ${WRITABLE} ${dropSubscription(back)} ${DROP_CHANNELS} -c "drop publication if exists ${forward}" -c "drop publication if exists ${rows}"`,
  };
}

/** Fails where there is none, and psql goes on with the next. */
function dropSubscription(name: string): string {
  return `-c "alter subscription ${name} disable" -c "alter subscription ${name} set (slot_name = none)" -c "drop subscription if exists ${name}"`;
}

function upsert({ blue, endpoint }: ManualPlan): string {
  const record = {
    Name: endpoint.recordName,
    Type: 'CNAME',
    TTL: endpoint.ttlSeconds,
    ResourceRecords: [{ Value: `<address of ${blue.identifier}>` }],
  };
  return JSON.stringify({ Changes: [{ Action: 'UPSERT', ResourceRecordSet: record }] });
}

type LeftPlan = Pick<PlanSettings, 'name' | 'blue' | 'followedDatabases'>;

/** What a run that stays on green leaves for a human to decide about. */
export function leftOnGreen(
  plan: LeftPlan,
  runId: string,
  there: { readonly record: boolean; readonly blue: boolean; readonly snapshot: boolean; readonly wayBack: boolean },
): Leftover[] {
  const names = runNames(plan.name, runId);
  const leftovers: Leftover[] = [];
  const databases = [plan.blue.database, ...plan.followedDatabases];
  if (there.record) {
    for (const database of databases) {
      leftovers.push({
        what: `the run's record on green ${names.green}; starting run id "${runId}" again finishes the run and removes it`,
        command: `${psql(names.green, database)} -c "drop function if exists bluegreen.refuse_write() cascade" -c "drop table if exists bluegreen.run, bluegreen.marker, bluegreen.published, bluegreen.paused_job, bluegreen.change_attempt"`,
      });
    }
  }
  if (there.wayBack) {
    for (const database of databases) {
      leftovers.push({
        what: `blue ${plan.blue.identifier} follows green ${names.green}, which keeps WAL for it; "bluegreen failback ${runId}" moves the application back without loss, this command gives the way back up`,
        command: `${psql(names.green, database)} ${DROP_CHANNELS} -c "drop publication if exists ${channelName(plan.name, runId, database, 'back')}" -c "drop publication if exists ${channelName(plan.name, runId, database, 'rows')}"`,
      });
    }
  }
  if (there.blue) {
    leftovers.push({
      what: `blue ${plan.blue.identifier}, ${there.wayBack ? 'following green and refusing writes' : 'frozen'}`,
      command: `aws rds delete-db-instance --db-instance-identifier ${plan.blue.identifier} --final-db-snapshot-identifier ${names.finalSnapshot}`,
    });
  }
  if (there.snapshot) {
    leftovers.push(leftSnapshot(names.snapshot));
  }
  return leftovers;
}

/** Without blue nothing is deleted: what the run made may be all that is left of it. */
export function leftWithoutBlue(
  { name, blue }: LeftPlan,
  runId: string,
  there: { readonly green: boolean; readonly snapshot: boolean },
): Leftover[] {
  const { green, snapshot } = runNames(name, runId);
  return [
    ...(there.green
      ? [
          {
            what: `green ${green}, a copy of blue ${blue.identifier}, which does not exist any more`,
            command: `aws rds modify-db-instance --db-instance-identifier ${green} --no-deletion-protection --apply-immediately && aws rds delete-db-instance --db-instance-identifier ${green} --final-db-snapshot-identifier ${green}-without-blue`,
          },
        ]
      : []),
    ...(there.snapshot ? [leftSnapshot(snapshot)] : []),
  ];
}

/** Green holds what only it can hold, such as values of its new columns: nobody but a human deletes that. */
export function leftAfterFailback(
  { name }: LeftPlan,
  runId: string,
  there: { readonly green: boolean; readonly snapshot: boolean },
): Leftover[] {
  const { green, snapshot } = runNames(name, runId);
  return [
    ...(there.green
      ? [
          {
            what: `green ${green}, refusing writes; it holds what blue cannot hold, such as the values of new columns`,
            command: `aws rds modify-db-instance --db-instance-identifier ${green} --no-deletion-protection --apply-immediately && aws rds delete-db-instance --db-instance-identifier ${green} --final-db-snapshot-identifier ${green}-failed-back`,
          },
        ]
      : []),
    ...(there.snapshot ? [leftSnapshot(snapshot)] : []),
  ];
}

function leftSnapshot(snapshot: string): Leftover {
  return {
    what: `the run's snapshot ${snapshot}`,
    command: `aws rds delete-db-snapshot --db-snapshot-identifier ${snapshot}`,
  };
}
