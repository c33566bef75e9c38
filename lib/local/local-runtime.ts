/** The local runtime: real servers, the AWS endpoints in front of them, and the engine that runs the synthesized state machine. */

import { join } from 'node:path';
import { EC2Client } from '@aws-sdk/client-ec2';
import { RDSClient } from '@aws-sdk/client-rds';
import { Route53Client } from '@aws-sdk/client-route-53';
import { SecretsManagerClient } from '@aws-sdk/client-secrets-manager';
import { SFNClient } from '@aws-sdk/client-sfn';
import { byHandOf, invokePhase, type Surroundings } from '../../lambdas/handler';
import { PHASE_CODE } from '../../lambdas/phases';
import { synthesizeDefinition } from '../constructs/synthesized-definition';
import type { ByHand } from '../core/by-hand';
import { invocationLimitSeconds } from '../core/invocation-limit';
import { PHASES } from '../core/phases';
import type { Plan } from '../core/plan';
import type { Address, Run } from '../core/run';
import { Route53Endpoint } from '../endpoints/route53/route53-endpoint';
import { PacedClock } from './clock/paced-clock';
import { RealClock } from './clock/real-clock';
import { serveEc2 } from './ec2/local-ec2';
import { serveEndpointZone } from './endpoint-zone';
import { type Fault, withFaults } from './faults';
import { EndpointFront } from './front/endpoint-front';
import { LocalAlarms } from './local-alarms';
import { LocalEndpoint } from './local-endpoint';
import { requireUsableWorkload } from './prober/require-usable-workload';
import type { Workload } from './prober/workload';
import { APPLICATION_USER, letMembersIn, MASTER_USER, makeProduction, type ProductionOptions } from './production';
import { SUBNET_IDS } from './rds/actions/instance-view';
import { LocalRds } from './rds/local-rds';
import { Reaper } from './reaper/reaper';
import type { LocalRoute53 } from './route53/local-route53';
import type { Route53Settings } from './route53/route53-settings';
import type { RunState } from './run-state';
import { serveSecrets } from './secrets/local-secrets';
import { installedSoftware, type LocalServer } from './servers/installed-software';
import type { TaskHandler } from './states/lambda-task-runner';
import { serveStates } from './states/states-endpoint';
import { StatesService } from './states/states-service';
import { killer } from './victims';

export interface LocalRuntimeOptions {
  readonly plan: Plan;
  readonly planFolder: string;
  /** What the application will write; looked at when blue is made. */
  readonly workload: Workload | undefined;
  readonly state: RunState;
  readonly faults: readonly Fault[];
  /** Waits take this many times less than on AWS; work takes as long as it takes. */
  readonly pace: number;
  /** Port of the endpoint front; 0 picks a free one. */
  readonly port: number;
  /** Port of the RDS endpoint; 0 picks a free one. */
  readonly rdsPort: number;
  /** Port of the Step Functions endpoint; 0 picks a free one. */
  readonly statesPort: number;
  /** Major version of the servers. @default that of the installed package */
  readonly major?: number | undefined;
  /** @default AWS's delays and limits */
  readonly route53?: Partial<Route53Settings> | undefined;
}

/** Any key will do: nothing here checks a signature, and nothing here calls AWS. */
const LOCAL_CREDENTIALS = { accessKeyId: 'local', secretAccessKey: 'local' };
const REGION = 'us-east-1';

/** A runtime in which a run can be started. */
export interface LocalRuntime {
  readonly service: StatesService;
  readonly stateMachineArn: string;
  readonly front: EndpointFront;
  readonly rds: LocalRds<LocalServer>;
  readonly route53: LocalRoute53;
  readonly alarms: LocalAlarms;
  /** Name and version of the database engine. */
  readonly engine: string;
  /** What a human does where a run cannot. */
  readonly byHand: ByHand;
  readonly rdsUrl: string;
  readonly statesUrl: string;
  readonly sfn: SFNClient;
  /** Ends every process the runtime started. */
  close(): Promise<void>;
}

/** Starts everything, and blue with its seed if this run id was not started before. When it fails, nothing stays behind. */
export async function openLocalRuntime(options: LocalRuntimeOptions): Promise<LocalRuntime> {
  const closers: (() => Promise<unknown>)[] = [];
  const close = async () => {
    for (const closer of closers.splice(0).reverse()) {
      await closer();
    }
  };
  const closing = <Part>(part: Part, closer: (part: Part) => Promise<unknown>): Part => {
    closers.push(() => closer(part));
    return part;
  };
  try {
    return { ...(await start(options, closing)), close };
  } catch (error) {
    await close();
    throw error;
  }
}

type Closing = <Part>(part: Part, closer: (part: Part) => Promise<unknown>) => Part;

async function start(options: LocalRuntimeOptions, closing: Closing): Promise<Omit<LocalRuntime, 'close'>> {
  const { plan, state } = options;
  const clock = new PacedClock(new RealClock(), options.pace);
  const software = await installedSoftware(options.major);
  const reaper = closing(Reaper.start(), (it) => it.close());
  const front = closing(
    await EndpointFront.start({
      port: options.port,
      dnsTtlMs: plan.local.dnsTtlSeconds * 1_000,
      ...(state.endpoint && { target: state.endpoint }),
    }),
    (it) => it.stop(),
  );
  const rds = closing(
    await LocalRds.open({ stateFolder: join(state.folder, 'rds'), clock, software, reaper, region: REGION }),
    (it) => it.close(),
  );
  const rdsEndpoint = await rds.serve({ port: options.rdsPort });
  const rdsClient = closing(new RDSClient(clientOptions(rdsEndpoint.url)), async (it) => it.destroy());
  const route53 = closing(await serveEndpointZone({ plan, state, front, clock, settings: options.route53 }), (it) =>
    it.close(),
  );
  const route53Client = closing(new Route53Client({ ...clientOptions(route53.url), maxAttempts: 1 }), async (it) =>
    it.destroy(),
  );
  const endpoint = new LocalEndpoint(new Route53Endpoint({ ...plan.endpoint, route53: route53Client, clock }));
  const secretsEndpoint = closing(await serveSecrets({ secrets: secretsOf(options) }), (it) => it.close());
  const secrets = closing(new SecretsManagerClient(clientOptions(secretsEndpoint.url)), async (it) => it.destroy());
  const subnetIds = [...SUBNET_IDS, ...plan.network.subnetIds];
  const { securityGroupIds } = plan.network;
  const ec2Endpoint = closing(await serveEc2({ securityGroupIds, subnetIds }), (it) => it.close());
  const ec2 = closing(new EC2Client(clientOptions(ec2Endpoint.url)), async (it) => it.destroy());
  await letMembersIn(ec2, plan);
  const alarms = new LocalAlarms();
  const machine = stateMachine(options, rds, {
    plan,
    rds: rdsClient,
    secrets,
    ec2,
    route53: route53Client,
    endpoint,
    clock,
    alarms,
    tls: false,
    executeAs: software.executeAs,
  });
  const statesEndpoint = closing(await serveStates(machine.service, { port: options.statesPort }), (it) => it.close());
  closing(machine, async (it) => it.stopExecutions());
  // last, so that a port that is taken is known before the long part begins
  if (!state.record.seeded) {
    await endpoint.swap(await makeBlue(options, { rds: rdsClient, clock, software }));
    await state.save({ seeded: true });
  }
  return {
    service: machine.service,
    stateMachineArn: machine.stateMachineArn,
    front,
    rds,
    route53,
    alarms,
    engine: `${software.engine} ${software.version}`,
    byHand: byHandOf(plan),
    rdsUrl: rdsEndpoint.url,
    statesUrl: statesEndpoint.url,
    sfn: closing(new SFNClient(clientOptions(statesEndpoint.url)), async (it) => it.destroy()),
  };
}

async function makeBlue(
  { plan, planFolder, workload, state }: LocalRuntimeOptions,
  surroundings: Pick<ProductionOptions, 'rds' | 'clock' | 'software'>,
): Promise<Address> {
  const { masterPassword, applicationPassword } = state.record;
  const blue = await makeProduction({ ...surroundings, plan, planFolder, masterPassword, applicationPassword });
  if (workload) {
    const { database } = plan.blue;
    await requireUsableWorkload(workload, { ...blue, database, user: APPLICATION_USER, password: applicationPassword });
  }
  return blue;
}

function secretsOf({ plan, state }: LocalRuntimeOptions): Map<string, string> {
  const { secretArn, applicationSecretArn } = plan.blue;
  const secrets = new Map([
    [secretArn, JSON.stringify({ username: MASTER_USER, password: state.record.masterPassword })],
  ]);
  if (applicationSecretArn !== undefined) {
    secrets.set(
      applicationSecretArn,
      JSON.stringify({ username: APPLICATION_USER, password: state.record.applicationPassword }),
    );
  }
  return secrets;
}

/** The definition as it is deployed, with each phase's function in this process. */
function stateMachine({ plan, faults }: LocalRuntimeOptions, rds: LocalRds<LocalServer>, surroundings: Surroundings) {
  const { definition, functions } = synthesizeDefinition(plan);
  const kill = killer(rds, plan);
  const handlers = new Map<string, TaskHandler>(
    PHASES.map((name) => {
      const phase = withFaults(name, PHASE_CODE[name], { faults, kill });
      const limitMs = invocationLimitSeconds(name, plan) * 1000;
      return [functions[name], (payload) => invokePhase(phase, payload as Run, surroundings, limitMs)];
    }),
  );
  const service = new StatesService({ clock: surroundings.clock, region: REGION, handlers });
  const { stateMachineArn } = service.createStateMachine({ name: `bluegreen-${plan.name}`, definition });
  const stopExecutions = () => {
    for (const { executionArn } of service.listExecutions(stateMachineArn)) {
      service.stopExecution(executionArn);
    }
  };
  return { service, stateMachineArn, stopExecutions };
}

function clientOptions(endpoint: string) {
  return { endpoint, region: REGION, credentials: LOCAL_CREDENTIALS, maxAttempts: 2 };
}
