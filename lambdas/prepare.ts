/** prepare: checks everything that can be known before anything is touched, then takes the run's lock in blue. */
import { pendingChanges } from '../lib/core/changes';
import { classify, refusalInWords } from '../lib/core/classification';
import {
  BlueIsReadReplica,
  BlueNotAvailable,
  BlueNotFound,
  DatabaseRefused,
  ForeignResource,
  GuardrailViolated,
  RunLocked,
} from '../lib/core/errors';
import { belongsToRun, channelName, describeTags, runNames, TAG_DISPOSABLE, TAG_RUN } from '../lib/core/identifiers';
import { violatedByInstance } from '../lib/core/instance-guardrails';
import { inOrderOfApplication } from '../lib/core/ledger';
import { listedInline } from '../lib/core/listed';
import { done, waiting } from '../lib/core/progress';
import { readiness } from '../lib/core/readiness';
import type { Address, PrepareResult, Run, Side } from '../lib/core/run';
import type { DatabaseDescription, SnapshotDescription } from '../lib/ports/control-plane';
import type { Database } from '../lib/ports/database';
import { leadsTo } from '../lib/ports/endpoint-swap';
import type { WayBack } from '../lib/ports/way-back';
import type { Phase, World } from '../lib/ports/world';
import { leadBack } from './steps/crossing';
import { wayBetween } from './steps/passages';
import { databaseNames, databasesAt } from './steps/sides';
import { noWayBack } from './steps/way-back';
import { closedApis, refuseClosedWays } from './steps/ways';

export const prepare: Phase<PrepareResult> = async (run, world) => {
  const { plan, controlPlane } = world;
  const names = runNames(plan.name, run.runId);
  const apis = await closedApis(world);
  const green = await controlPlane.describe(names.green);
  const snapshot = await controlPlane.describeSnapshot(names.snapshot);
  refuseForeign(run, world, [green, snapshot]);

  const blue = await controlPlane.describe(plan.blue.identifier);
  const unknown = await refuseClosedWays(world, { apis, blue, green });
  if (green && (await servesAlready(green, world))) {
    return done('the application moved to green in an earlier execution of this run', {
      ...(blue?.address && { blue: sideOf(blue) }),
      switchedOver: true,
    });
  }
  if (!blue) {
    const migrated = await controlPlane.handedOver(plan.name);
    throw new BlueNotFound(
      plan.blue.identifier,
      migrated.map(({ identifier, tags }) => ({ runId: tags[TAG_RUN] ?? '', to: identifier })),
    );
  }
  if (blue.engine !== world.engine) {
    throw new GuardrailViolated([
      `"${blue.identifier}" has engine "${blue.engine}"; this version migrates "${world.engine}" DB instances only; set blue.identifier to one`,
    ]);
  }
  if (blue.readReplicaOf !== undefined) {
    throw new BlueIsReadReplica(blue.identifier, blue.readReplicaOf);
  }
  if (readiness(blue.status) !== 'usable') {
    if (snapshot && readiness(blue.status) === 'transient') {
      return waiting(30, `blue is "${blue.status}", left over from an earlier execution of this run`);
    }
    throw new BlueNotAvailable(blue.identifier, blue.status);
  }
  if (!green && !snapshot) {
    refuse(violatedByInstance(blue));
  }
  await checkGuardrails(run, world, blue, green);
  const side = sideOf(blue);
  await undoBrokenOff(run, world, side.address, green);
  for (const name of databaseNames(plan)) {
    const database = world.database(side.address, name);
    await database.takeLock(run.runId, plan.name);
    await database.moveGreen(run.runId, ['abandoned'], 'closed'); // a recovery that was interrupted: the run begins anew
    if (
      plan.sync === 'replication' &&
      !(await database.publish(run.runId, channelName(plan.name, run.runId, name, 'forward')))
    ) {
      return waiting(30, `the slot of database "${name}" waits for transactions that are running on blue`);
    }
  }
  const kept =
    plan.sync === 'replication'
      ? `, blue's changes are kept for green${await conditionsOfTheWayBack(world, side.address)}`
      : '';
  return done(
    `${[`blue ${blue.identifier} passes every guardrail, the lock is taken${kept}`, ...unknown].join('; ')}`,
    {
      blue: side,
      switchedOver: false,
    },
  );
};

/** A switchover that died before blue said its last word is undone: blue serves until the next one. */
async function undoBrokenOff(
  run: Run,
  world: World,
  address: Address,
  green: DatabaseDescription | undefined,
): Promise<void> {
  const [own, ...others] = databasesAt(world, address);
  if (world.plan.sync === 'freeze' || !(await own?.unfreeze(run.runId, { handedOver: false }))) {
    return;
  }
  for (const database of others) {
    await database.unfreeze(run.runId, { handedOver: true });
  }
  if (green?.address) {
    await leadBack(world, wayBetween(run, world, address, green.address));
  }
}

function refuseForeign(
  run: Run,
  { plan }: World,
  resources: readonly (DatabaseDescription | SnapshotDescription | undefined)[],
): void {
  for (const resource of resources) {
    if (resource && !belongsToRun(resource.tags, plan.name, run.runId)) {
      throw new ForeignResource(resource.identifier, describeTags(resource.tags));
    }
  }
}

/** Green serves once it was opened; after retire its record is gone, and the ownership tag and the endpoint still tell. */
async function servesAlready(green: DatabaseDescription, world: World): Promise<boolean> {
  if (green.tags[TAG_DISPOSABLE] !== 'false' || !green.address || readiness(green.status) !== 'usable') {
    return false;
  }
  const record = await world.database(green.address).record();
  return record
    ? ['open', 'failing-back', 'retiring'].includes(record.greenState)
    : leadsTo(await world.endpoint.target(), green.address);
}

async function checkGuardrails(
  run: Run,
  world: World,
  blue: DatabaseDescription,
  green: DatabaseDescription | undefined,
): Promise<void> {
  const { plan, endpoint } = world;
  const database = world.database(sideOf(blue).address);
  const record = await database.record();
  if (record && record.runId !== run.runId) {
    throw new RunLocked(record.runId, record.since);
  }
  const pending = pendingChanges(plan.changes, inOrderOfApplication(await database.ledger()));
  const reasons: string[] = [];
  const target = await endpoint.target();
  if (!leadsTo(target, blue.address) && !leadsTo(target, green?.address)) {
    reasons.push(
      `the endpoint ${plan.endpoint.recordName} leads to ${target?.host ?? 'nowhere'}, not to blue (${blue.address?.host}); point it at blue, or set blue.identifier to the instance it leads to`,
    );
  }
  if (!record) {
    reasons.push(
      ...(await violatedGuardrails(world, sideOf(blue).address)),
      ...classify(pending, plan.sync).flatMap(refusalInWords),
      ...(plan.sync === 'replication' ? await database.whyNotFollowed(pending) : []),
      ...(await whyTheApplicationCannotWrite(database)),
    );
  }
  refuse(reasons);
}

function refuse(reasons: readonly string[]): void {
  if (reasons.length > 0) {
    throw new GuardrailViolated(reasons);
  }
}

async function violatedGuardrails(world: World, blue: Address): Promise<string[]> {
  const { plan } = world;
  const names = databaseNames(plan);
  const reasons: string[] = [];
  for (const name of names) {
    const database = world.database(blue, name);
    reasons.push(...(await database.guardrails({ followed: names, abandoned: plan.abandonedDatabases })));
    if (plan.sync === 'replication') {
      const needs = { databases: names.length, maxWalKeptMiB: plan.follow.maxWalKeptMiB };
      reasons.push(...(await database.followingGuardrails(needs)));
    }
  }
  if (plan.sync === 'replication' && !plan.acceptOneWay) {
    reasons.push(...(await wayBack(world, blue)).obstacles.map(noWayBack));
  }
  return [...new Set(reasons)];
}

async function conditionsOfTheWayBack(world: World, blue: Address): Promise<string> {
  const { conditions } = await wayBack(world, blue);
  return conditions.length > 0
    ? `; blue can follow green afterwards as long as no row breaks this: ${listedInline(conditions)}`
    : '';
}

/** As far as the changes tell; what they hide is found when green is there. */
async function wayBack({ plan, database }: World, blue: Address): Promise<WayBack> {
  const own = database(blue);
  return own.wayBackFrom(undefined, pendingChanges(plan.changes, await own.ledger()));
}

/** The freeze is proved by a write that is refused, which proves nothing where every write is. */
async function whyTheApplicationCannotWrite(database: Database): Promise<string[]> {
  const refusal = (message: string) => [
    `a write attempt as the application is refused: ${message}; blue.applicationSecretArn must be the secret of a user who may write`,
  ];
  try {
    const attempt = await database.attemptWrite({ insist: false });
    return attempt.accepted ? [] : refusal(attempt.message);
  } catch (error) {
    if (error instanceof DatabaseRefused) {
      return refusal(error.serverMessage);
    }
    throw error;
  }
}

function sideOf(description: DatabaseDescription): Side {
  const { identifier, resourceId, address } = description;
  if (!address) {
    throw new BlueNotAvailable(identifier, description.status);
  }
  return { identifier, resourceId, address };
}
