/** The local RDS: real database servers behind the RDS API, with a state folder from which it resumes after any end. */
import { randomBytes, randomUUID } from 'node:crypto';
import type { Clock } from '../../ports/clock';
import { claimFolder } from '../folder-claim';
import { type HttpEndpoint, serveHttp } from '../http/http-endpoint';
import type { Reaper } from '../reaper/reaper';
import { findFreePort, requireFreePort } from '../servers/free-port';
import { makeOpenFolder } from '../servers/open-folder';
import type { DatabaseServer, ServerSoftware } from '../servers/server';
import type { Service } from './actions/service';
import { answerQuery } from './answer-query';
import { DEFAULT_DELAYS, type Delays } from './delays';
import { InstanceServers } from './instance-servers';
import { Account, type Quotas } from './model/account';
import { Arns } from './model/arns';
import { parsePort } from './model/identifiers';
import type { AccountRecord, InstanceRecord } from './model/records';
import { StateFile } from './model/state-file';
import { Operations } from './operations/operations';

export interface LocalRdsOptions<Server extends DatabaseServer> {
  /** Made if it does not exist. The user the servers run as must be able to reach it. */
  stateFolder: string;
  clock: Clock;
  software: ServerSoftware<Server>;
  /** Ends the servers when this process is killed. @default nobody does, until the next open of the same folder */
  reaper?: Reaper;
  /** @default magnitudes as on AWS */
  delays?: Partial<Delays>;
  /** @default AWS's: 40 instances, 100 manual snapshots, 50 parameter groups */
  quotas?: Partial<Quotas>;
  /** @default us-east-1 */
  region?: string;
  /** @default 123456789012 */
  accountId?: string;
}

const DEFAULT_QUOTAS: Quotas = { instances: 40, manualSnapshots: 100, parameterGroups: 50 };

export class LocalRds<Server extends DatabaseServer = DatabaseServer> {
  private endpoints: HttpEndpoint[] = [];

  private constructor(
    private readonly service: Service,
    private readonly servers: InstanceServers<Server>,
    private readonly releaseFolder: () => Promise<void>,
  ) {}

  /**
   * Starts the servers of all instances in the state folder and goes on with what was unfinished.
   *
   * @throws StateFolderInUse
   * @throws StateFolderUnreachable
   * @throws StateFileUnreadable
   * @throws PortInUse when another process has taken an instance's port
   */
  static async open<Server extends DatabaseServer>(options: LocalRdsOptions<Server>): Promise<LocalRds<Server>> {
    const { stateFolder, software, reaper } = options;
    await makeOpenFolder(stateFolder);
    await software.requireReachable(stateFolder);
    const releaseFolder = await claimFolder(stateFolder);
    const file = new StateFile(stateFolder);
    try {
      const record = (await file.load()) ?? newAccount(software.family);
      const servers = new InstanceServers({ stateFolder, software, adminPassword: record.adminPassword, reaper });
      const service = await buildService(options, { record, file, servers });
      const rds = new LocalRds(service, servers, releaseFolder);
      await rds.startServers();
      service.operations.resume();
      await service.account.save();
      return rds;
    } catch (error) {
      await releaseFolder();
      throw error;
    }
  }

  /** @throws PortInUse */
  async serve(options: { port?: number } = {}): Promise<HttpEndpoint> {
    const endpoint = await serveHttp({
      ...options,
      name: 'The local RDS endpoint',
      answer: (request) => answerQuery(request, this.service, randomUUID()),
    });
    this.endpoints.push(endpoint);
    return endpoint;
  }

  /** The server process behind an instance, for faults and tests. */
  serverOf(identifier: string): Server | undefined {
    const instance = this.service.account.instances.find((candidate) => candidate.identifier === identifier);
    return instance && this.servers.of(instance);
  }

  /** Ends all processes of an instance's server at once, as a failing machine would; it comes back by itself after a while. */
  async crash(identifier: string): Promise<void> {
    await this.servers.crash(this.service.account.instance(identifier));
  }

  /** Shows an instance as a read replica of another, which cannot be made here, but whose use can be refused. */
  async markAsReadReplica(identifier: string, sourceIdentifier: string): Promise<void> {
    this.service.account.instance(identifier).replicaOf = sourceIdentifier;
    await this.service.account.save();
  }

  /** Stops serving, interrupts what is running (the next open resumes it) and stops every server process. */
  async close(): Promise<void> {
    await Promise.all(this.endpoints.splice(0).map((endpoint) => endpoint.close()));
    try {
      await this.service.operations.close();
      await this.service.account.save();
    } finally {
      await this.servers.stopAll();
      await this.releaseFolder();
    }
  }

  private async startServers(): Promise<void> {
    const running = this.service.account.instances.filter(shouldRun);
    const outcomes = await Promise.allSettled(running.map((instance) => this.servers.start(instance)));
    const failed = outcomes.find((outcome) => outcome.status === 'rejected');
    if (!failed) return;
    await this.servers.stopAll();
    throw failed.reason;
  }
}

/** The first stages of a life make the data directory, the last removes it: those start or end the server themselves. */
function shouldRun({ status, operation }: InstanceRecord): boolean {
  const [stage] = operation?.stages ?? [];
  if (stage === 'initialize' || stage === 'restore' || stage === 'delete') return false;
  return status !== 'failed' && status !== 'incompatible-parameters';
}

function newAccount(family: string): AccountRecord {
  const group = { name: `default.${family}`, family, description: `Default parameter group for ${family}` };
  return {
    version: 1,
    adminPassword: randomBytes(24).toString('base64url'),
    instances: [],
    snapshots: [],
    parameterGroups: [{ ...group, values: {}, tags: {} }],
    events: [],
  };
}

interface ServiceParts {
  record: AccountRecord;
  file: StateFile;
  servers: InstanceServers;
}

async function buildService(
  options: LocalRdsOptions<DatabaseServer>,
  { record, file, servers }: ServiceParts,
): Promise<Service> {
  const { clock, software, region = 'us-east-1', accountId = '123456789012' } = options;
  const parameters = new Map((await software.parameters()).map((parameter) => [parameter.name, parameter]));
  const arns = new Arns(region, accountId);
  const quotas = { ...DEFAULT_QUOTAS, ...options.quotas };
  const account = new Account({ record, file, clock, arns, quotas, engine: software.engine, family: software.family });
  const delays = { ...DEFAULT_DELAYS, ...options.delays };
  return {
    account,
    parameters,
    software,
    operations: new Operations({ account, servers, clock, delays, parameters, software }),
    readLog: (instance) => servers.readLog(instance),
    choosePort: (requested) => choosePort(requested, account),
  };
}

async function choosePort(requested: number | undefined, account: Account): Promise<number> {
  const taken = account.instances.map(({ port }) => port);
  if (requested === undefined) return findFreePort(taken);
  const port = parsePort(requested);
  await requireFreePort(port, 'A new DB instance');
  return port;
}
