/** The instances, snapshots, parameter groups and events of one account in one region, and how to find and change them. */
import type { Clock } from '../../../ports/clock';
import { RdsFault } from '../protocol/rds-fault';
import type { Arns, ResourceKind } from './arns';
import { EVENTS, type EventId } from './event-catalog';
import { type InstanceStatus, requireLegal } from './instance-status';
import type { AccountRecord, EventSource, InstanceRecord, ParameterGroupRecord, SnapshotRecord } from './records';
import type { StateFile } from './state-file';

export interface Quotas {
  instances: number;
  manualSnapshots: number;
  parameterGroups: number;
}

export interface AccountOptions {
  record: AccountRecord;
  file: StateFile;
  clock: Clock;
  arns: Arns;
  quotas: Quotas;
  /** The one that is served, as RDS names it. */
  engine: string;
  /** Of parameter groups of its version. */
  family: string;
}

const KIND_OF: Record<EventSource, ResourceKind> = {
  'db-instance': 'db',
  'db-snapshot': 'snapshot',
  'db-parameter-group': 'pg',
};

/** RDS keeps events for 14 days; a local account forgets the oldest beyond this number. */
const EVENTS_KEPT = 1_000;

export class Account {
  readonly arns: Arns;
  readonly quotas: Quotas;
  readonly engine: string;
  readonly family: string;
  private readonly record: AccountRecord;
  private readonly file: StateFile;
  private readonly clock: Clock;

  constructor({ record, file, clock, arns, quotas, engine, family }: AccountOptions) {
    this.record = record;
    this.file = file;
    this.clock = clock;
    this.arns = arns;
    this.quotas = quotas;
    this.engine = engine;
    this.family = family;
  }

  get instances(): InstanceRecord[] {
    return this.record.instances;
  }

  get snapshots(): SnapshotRecord[] {
    return this.record.snapshots;
  }

  get parameterGroups(): ParameterGroupRecord[] {
    return this.record.parameterGroups;
  }

  get events() {
    return this.record.events;
  }

  now(): number {
    return this.clock.now();
  }

  /** Resolves when everything changed so far is on disk. */
  save(): Promise<void> {
    return this.file.save(this.record);
  }

  /** @throws RdsFault DBInstanceNotFound */
  instance(identifier: string): InstanceRecord {
    const found = this.instances.find((instance) => instance.identifier === identifier.toLowerCase());
    if (!found) throw new RdsFault('DBInstanceNotFound', `DBInstance ${identifier} not found.`);
    return found;
  }

  /** @throws RdsFault DBInstanceNotFound, InvalidDBInstanceState */
  availableInstance(identifier: string): InstanceRecord {
    const instance = this.instance(identifier);
    const optimizing = instance.status === 'storage-optimization' && instance.operation?.stages.length === 1;
    if (optimizing || (instance.status === 'available' && instance.operation === null)) return instance;
    const doing = instance.operation ? `is busy (status ${instance.status})` : `has status ${instance.status}`;
    throw new RdsFault(
      'InvalidDBInstanceState',
      `DB instance ${identifier} is not in the available state: it ${doing}.`,
    );
  }

  /** @throws RdsFault DBSnapshotNotFound */
  snapshot(identifier: string): SnapshotRecord {
    const found = this.snapshots.find((snapshot) => snapshot.identifier === identifier.toLowerCase());
    if (!found) throw new RdsFault('DBSnapshotNotFound', `DBSnapshot ${identifier} not found.`);
    return found;
  }

  /** @throws RdsFault DBParameterGroupNotFound */
  parameterGroup(name: string): ParameterGroupRecord {
    const found = this.parameterGroups.find((group) => group.name === name.toLowerCase());
    if (!found) throw new RdsFault('DBParameterGroupNotFound', `DBParameterGroup ${name} not found.`);
    return found;
  }

  get defaultParameterGroup(): string {
    return `default.${this.family}`;
  }

  /** @throws RdsFault DBInstanceAlreadyExists, InstanceQuotaExceeded */
  addInstance(instance: InstanceRecord): void {
    this.requireFreeIdentifier(instance.identifier);
    if (this.instances.length >= this.quotas.instances) {
      throw new RdsFault('InstanceQuotaExceeded', `The quota of ${this.quotas.instances} DB instances is used up.`);
    }
    this.instances.push(instance);
  }

  /** @throws RdsFault DBInstanceAlreadyExists; also for a name that a rename in progress is about to take */
  requireFreeIdentifier(identifier: string): void {
    const taken = this.instances.some(
      (instance) => instance.identifier === identifier || instance.pendingIdentifier === identifier,
    );
    if (taken) throw new RdsFault('DBInstanceAlreadyExists', `DB instance already exists: ${identifier}.`);
  }

  /** @throws RdsFault DBSnapshotAlreadyExists, SnapshotQuotaExceeded */
  addSnapshot(snapshot: SnapshotRecord): void {
    if (this.snapshots.some(({ identifier }) => identifier === snapshot.identifier)) {
      throw new RdsFault(
        'DBSnapshotAlreadyExists',
        `Cannot create the snapshot: ${snapshot.identifier} already exists.`,
      );
    }
    if (this.snapshots.length >= this.quotas.manualSnapshots) {
      throw new RdsFault(
        'SnapshotQuotaExceeded',
        `The quota of ${this.quotas.manualSnapshots} manual snapshots is used up.`,
      );
    }
    this.snapshots.push(snapshot);
  }

  removeInstance(instance: InstanceRecord): void {
    this.instances.splice(this.instances.indexOf(instance), 1);
  }

  removeSnapshot(snapshot: SnapshotRecord): void {
    this.snapshots.splice(this.snapshots.indexOf(snapshot), 1);
  }

  /** @throws IllegalTransition */
  moveTo(instance: InstanceRecord, status: InstanceStatus): void {
    requireLegal(instance.status, status);
    instance.status = status;
  }

  publish(id: EventId, identifier: string, detail = ''): void {
    const { source, categories, message } = EVENTS[id];
    const arn = this.arns.of(KIND_OF[source], identifier);
    this.events.push({ source, identifier, arn, message: message(detail), categories, at: this.now() });
    this.events.splice(0, this.events.length - EVENTS_KEPT);
  }
}
