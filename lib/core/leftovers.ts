/** What a run leaves for a human: what there is, in an order that is safe, each with the command that does it. */
import type { ByHand, Channels } from './by-hand';
import { channelName, runNames } from './identifiers';
import type { PlanSettings } from './plan';
import type { Leftover } from './run';

type OfPlan = Pick<PlanSettings, 'name' | 'blue' | 'followedDatabases'>;

/** What a human runs when a failback did not get through: the same again, which goes on where it stands. Neither side is given up before. */
export function manualFailback({ name, blue }: OfPlan, runId: string): Leftover[] {
  return [
    {
      what: `the application is between green ${runNames(name, runId).green} and blue ${blue.identifier}; keep both until a failback got through`,
      command: `aws stepfunctions start-execution --state-machine-arn <state machine of plan ${name}> --input '{"runId":"${runId}","failback":true}'`,
    },
  ];
}

/** What a human runs, in this order, when the recovery cannot. Safe to run more than once. */
export function manualRollback(
  plan: OfPlan & Pick<PlanSettings, 'sync'>,
  runId: string,
  { database, shape, endpoint }: ByHand,
): Leftover[] {
  const { green, snapshot } = runNames(plan.name, runId);
  const blue = plan.blue.identifier;
  const names = databasesOf(plan);
  return [
    {
      what: 'close green for good, unless it was opened; unless it says "abandoned" now, stop here: green serves or may serve, keep it',
      command: database.closeGreen(green, plan.blue.database),
    },
    { what: 'lead the endpoint to blue', command: endpoint.leadTo(blue) },
    ...names.map((name) => ({
      what: `let blue accept writes again and release the lock in database "${name}"`,
      command: database.giveBack(blue, name),
    })),
    ...(plan.sync === 'replication' ? names : []).map((name) => ({
      what: `end following between blue and green in database "${name}": the slot keeps WAL until it is dropped`,
      command: database.endFollowing(blue, name, channelsOf(plan, runId, name)),
    })),
    { what: 'take off the protection green may have got', command: shape.unprotect(green) },
    { what: 'delete green', command: shape.remove(green) },
    { what: "delete the run's snapshot", command: shape.removeSnapshot(snapshot) },
  ];
}

/** What a run that stays on green leaves for a human to decide about. */
export function leftOnGreen(
  plan: OfPlan,
  runId: string,
  there: { readonly record: boolean; readonly blue: boolean; readonly snapshot: boolean; readonly wayBack: boolean },
  byHand: ByHand,
): Leftover[] {
  const { green, snapshot, finalSnapshot } = runNames(plan.name, runId);
  const blue = plan.blue.identifier;
  const { database, shape } = byHand;
  const names = databasesOf(plan);
  return [
    ...(there.record ? names : []).map((name) => ({
      what: `the run's record on green ${green}; starting run id "${runId}" again finishes the run and removes it`,
      command: database.removeRecord(green, name),
    })),
    ...(there.wayBack ? names : []).map((name) => ({
      what: `blue ${blue} follows green ${green}, which keeps WAL for it; "bluegreen failback ${runId}" moves the application back without loss, this command gives the way back up`,
      command: database.giveUpWayBack(green, name, channelsOf(plan, runId, name)),
    })),
    ...(there.blue
      ? [
          {
            what: `blue ${blue}, ${there.wayBack ? 'following green and refusing writes' : 'frozen'}`,
            command: shape.remove(blue, finalSnapshot),
          },
        ]
      : []),
    ...(there.snapshot ? [leftSnapshot(snapshot, byHand)] : []),
  ];
}

/** Without blue nothing is deleted: what the run made may be all that is left of it. */
export function leftWithoutBlue(
  { name, blue }: OfPlan,
  runId: string,
  there: { readonly green: boolean; readonly snapshot: boolean },
  byHand: ByHand,
): Leftover[] {
  const { green, snapshot } = runNames(name, runId);
  const what = `green ${green}, a copy of blue ${blue.identifier}, which does not exist any more`;
  return [
    ...(there.green ? [{ what, command: unprotectAndRemove(green, `${green}-without-blue`, byHand) }] : []),
    ...(there.snapshot ? [leftSnapshot(snapshot, byHand)] : []),
  ];
}

/** Green holds what only it can hold, such as values of its new columns: nobody but a human deletes that. */
export function leftAfterFailback(
  { name }: OfPlan,
  runId: string,
  there: { readonly green: boolean; readonly snapshot: boolean },
  byHand: ByHand,
): Leftover[] {
  const { green, snapshot } = runNames(name, runId);
  const what = `green ${green}, refusing writes; it holds what blue cannot hold, such as the values of new columns`;
  return [
    ...(there.green ? [{ what, command: unprotectAndRemove(green, `${green}-failed-back`, byHand) }] : []),
    ...(there.snapshot ? [leftSnapshot(snapshot, byHand)] : []),
  ];
}

function leftSnapshot(snapshot: string, { shape }: ByHand): Leftover {
  return { what: `the run's snapshot ${snapshot}`, command: shape.removeSnapshot(snapshot) };
}

function unprotectAndRemove(identifier: string, finalSnapshot: string, { shape }: ByHand): string {
  return `${shape.unprotect(identifier)} && ${shape.remove(identifier, finalSnapshot)}`;
}

function databasesOf({ blue, followedDatabases }: OfPlan): string[] {
  return [blue.database, ...followedDatabases];
}

function channelsOf({ name }: OfPlan, runId: string, database: string): Channels {
  return {
    forward: channelName(name, runId, database, 'forward'),
    back: channelName(name, runId, database, 'back'),
    rows: channelName(name, runId, database, 'rows'),
  };
}
