/** What to do after a failure: go back to blue, or stay on green because it may hold writes that blue does not have. */
import { runNames } from './identifiers';
import type { PlanSettings } from './plan';
import type { Leftover } from './run';

/** What recovery sees of green. `unknown`: green exists and cannot be asked. */
export type GreenState = 'absent' | 'closed' | 'abandoned' | 'open' | 'unknown';

export interface RecoveryObservation {
  readonly green: GreenState;
  /** Which side the endpoint points at. */
  readonly endpoint: 'blue' | 'green' | 'elsewhere';
}

export type Recovery =
  | { readonly action: 'roll-back'; readonly reason: string }
  | { readonly action: 'stay-on-green'; readonly reason: string }
  | { readonly action: 'wait'; readonly reason: string };

/**
 * Green is opened by one transaction on green, and abandoned by another; whichever comes first wins. So whether the
 * application could have written to green is a fact that green itself holds, and never a guess.
 */
export function decideRecovery({ green, endpoint }: RecoveryObservation): Recovery {
  switch (green) {
    case 'absent':
      return { action: 'roll-back', reason: 'green does not exist' };
    case 'closed':
    case 'abandoned':
      return { action: 'roll-back', reason: 'green never accepted a write of the application' };
    case 'open':
      return { action: 'stay-on-green', reason: 'green was opened and may hold writes that blue does not have' };
    case 'unknown':
      return endpoint === 'blue'
        ? { action: 'roll-back', reason: 'green cannot be reached, and the endpoint never left blue' }
        : { action: 'wait', reason: 'green cannot be reached, and the application may have written to it' };
  }
}

type ManualPlan = Pick<PlanSettings, 'name' | 'blue' | 'endpoint'>;

/** What a human runs, in this order, when the recovery cannot. Safe to run more than once. */
export function manualRollback(plan: ManualPlan, runId: string): Leftover[] {
  const { green, snapshot } = runNames(plan.name, runId);
  const onGreen = `psql "host=<address of ${green}> dbname=${plan.blue.database}"`;
  const onBlue = `psql "host=<address of ${plan.blue.identifier}> dbname=${plan.blue.database}"`;
  const writable = '-c "set default_transaction_read_only = off"';
  return [
    {
      what: 'close green for good, unless it was opened; if it says "open", stop here: green serves, keep it',
      command: `${onGreen} ${writable} -c "update bluegreen.run set green_state = 'abandoned' where green_state = 'closed'" -c "select run_id, green_state from bluegreen.run"`,
    },
    {
      what: 'lead the endpoint to blue',
      command: `aws route53 change-resource-record-sets --hosted-zone-id ${plan.endpoint.hostedZoneId} --change-batch '${upsert(plan)}'`,
    },
    {
      what: 'let blue accept writes again and release the lock',
      command: `${onBlue} ${writable} -c "alter database \\"${plan.blue.database.replaceAll('"', '""')}\\" reset default_transaction_read_only" -c "drop function if exists bluegreen.refuse_write() cascade" -c "drop table if exists bluegreen.run"`,
    },
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

function upsert({ blue, endpoint }: ManualPlan): string {
  const record = {
    Name: endpoint.recordName,
    Type: 'CNAME',
    TTL: endpoint.ttlSeconds,
    ResourceRecords: [{ Value: `<address of ${blue.identifier}>` }],
  };
  return JSON.stringify({ Changes: [{ Action: 'UPSERT', ResourceRecordSet: record }] });
}

/** What a run that stays on green leaves for a human to decide about. */
export function leftOnGreen(
  plan: { name: string; blue: { identifier: string; database: string } },
  runId: string,
  there: { readonly record: boolean; readonly blue: boolean; readonly snapshot: boolean },
): Leftover[] {
  const names = runNames(plan.name, runId);
  const leftovers: Leftover[] = [];
  if (there.record) {
    leftovers.push({
      what: `the run's record on green ${names.green}; starting run id "${runId}" again finishes the run and removes it`,
      command: `psql "host=<address of ${names.green}> dbname=${plan.blue.database}" -c "drop function if exists bluegreen.refuse_write() cascade" -c "drop table if exists bluegreen.run"`,
    });
  }
  if (there.blue) {
    leftovers.push({
      what: `blue ${plan.blue.identifier}, frozen`,
      command: `aws rds delete-db-instance --db-instance-identifier ${plan.blue.identifier} --final-db-snapshot-identifier ${names.finalSnapshot}`,
    });
  }
  if (there.snapshot) {
    leftovers.push({
      what: `the run's snapshot ${names.snapshot}`,
      command: `aws rds delete-db-snapshot --db-snapshot-identifier ${names.snapshot}`,
    });
  }
  return leftovers;
}
