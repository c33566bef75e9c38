/** Runs operations in the background, stage by stage, and goes on with those that a killed runtime left unfinished. */
import { setMaxListeners } from 'node:events';
import type { Clock } from '../../../ports/clock';
import { trackedWork } from '../../clock/tracked-work';
import type { ServerParameter, ServerSoftware } from '../../servers/server';
import type { Delays } from '../delays';
import type { InstanceServers } from '../instance-servers';
import type { Account } from '../model/account';
import { immediateParameters, needsReboot } from '../model/parameter-values';
import type { InstanceRecord, OperationRecord, SnapshotRecord } from '../model/records';
import { CrashRecovery } from './crash-recovery';
import { STAGES, type StageContext } from './stages';

export interface OperationsOptions {
  account: Account;
  servers: InstanceServers;
  clock: Clock;
  delays: Delays;
  parameters: ReadonlyMap<string, ServerParameter>;
  software: ServerSoftware;
}

export class Operations {
  private readonly abort = new AbortController();
  private readonly running = new Set<Promise<void>>();
  private readonly crashRecovery: CrashRecovery;
  private failure: unknown;

  constructor(private readonly options: OperationsOptions) {
    this.crashRecovery = new CrashRecovery(options);
    options.servers.onCrash = (instance) => this.track(this.crashRecovery.begin(instance, this.abort.signal));
    // Every operation under way listens to it, however many there are.
    setMaxListeners(0, this.abort.signal);
  }

  /** Begins an operation: when this returns, the instance shows the first stage's status. The caller saves. */
  begin(instance: InstanceRecord, operation: OperationRecord): void {
    instance.operation = operation;
    this.enterStage(instance, operation);
    this.track(this.run(instance, operation));
  }

  /** Takes the group's dynamic parameters over to the instance's server. The caller saves. */
  applyParameters(instance: InstanceRecord): void {
    instance.parameterApplyStatus = 'applying';
    this.track(this.runApplyParameters(instance));
  }

  /** The caller saves. */
  deleteSnapshot(snapshot: SnapshotRecord): void {
    snapshot.status = 'deleting';
    this.track(this.runDeleteSnapshot(snapshot));
  }

  /** Goes on with everything that is unfinished according to the records. */
  resume(): void {
    const { instances, snapshots } = this.options.account;
    for (const instance of instances) {
      if (instance.operation) this.track(this.run(instance, instance.operation));
      else if (instance.parameterApplyStatus === 'applying') this.applyParameters(instance);
    }
    for (const snapshot of snapshots) {
      if (snapshot.status === 'deleting') this.deleteSnapshot(snapshot);
    }
  }

  /** Interrupts what is running, which stays recorded and is resumed the next time, and resolves when it has stopped. */
  async close(): Promise<void> {
    this.abort.abort(new Error('The local RDS endpoint is closing.'));
    await Promise.all(this.running);
    if (this.failure !== undefined) throw this.failure;
  }

  /** What fails here is the saving of the state, which every following call reports as well. */
  private track(work: Promise<void>): void {
    const tracked = work
      .catch((error: unknown) => {
        this.failure ??= error;
      })
      .finally(() => this.running.delete(tracked));
    this.running.add(tracked);
  }

  private async run(instance: InstanceRecord, operation: OperationRecord): Promise<void> {
    const { account } = this.options;
    while (instance.operation === operation) {
      const context = this.contextOf(instance, operation);
      try {
        await account.save();
        await this.perform(context);
      } catch (error) {
        if (this.abort.signal.aborted) return;
        this.fail(context, error);
      }
    }
    await account.save();
  }

  private async perform(context: StageContext): Promise<void> {
    const { instance, operation } = context;
    const [name] = operation.stages;
    if (name !== undefined) {
      const stage = STAGES[name];
      const { work } = stage;
      if (stage.needsServer) await this.crashRecovery.over(instance);
      await this.during(stage.lasts, work && (() => work(context)));
      if (instance.operation !== operation) return; // an order came while its storage was being optimized
      stage.finish?.(context);
    }
    operation.stages.shift();
    if (operation.stages.length > 0) this.enterStage(instance, operation);
    else {
      if (name !== 'delete') this.options.account.moveTo(instance, 'available');
      instance.operation = null;
    }
  }

  private enterStage(instance: InstanceRecord, operation: OperationRecord): void {
    const [name] = operation.stages;
    if (name === undefined) return;
    this.options.account.moveTo(instance, STAGES[name].status);
    STAGES[name].begin?.(this.contextOf(instance, operation));
  }

  private contextOf(instance: InstanceRecord, operation: OperationRecord): StageContext {
    const { account, servers, software } = this.options;
    return { instance, operation, account, servers, software, signal: this.abort.signal };
  }

  /**
   * Both have to be over, also when one of them failed: nothing may go on behind the back of whoever closes us. The work passes at
   * real speed: a run must not lose its patience, or its freeze, with a slow machine.
   */
  private async during(delay: keyof Delays, work?: () => Promise<void>): Promise<void> {
    const { clock, delays } = this.options;
    const outcomes = await Promise.allSettled([
      work && trackedWork(clock, work),
      clock.sleep(delays[delay], this.abort.signal),
    ]);
    for (const outcome of outcomes) if (outcome.status === 'rejected') throw outcome.reason;
  }

  /** A failed snapshot leaves the instance as it was; anything else leaves it in a status of its own, with an event that says why. */
  private fail(context: StageContext, error: unknown): void {
    const { instance, operation, account } = context;
    const reason = error instanceof Error ? error.message : String(error);
    const [name] = operation.stages;
    instance.operation = null;
    if (name !== undefined) STAGES[name].fail?.(context, reason);
    if (name === 'snapshot') {
      instance.status = 'available';
      return;
    }
    const rebooting =
      this.options.software.isRefusedStart(error) && ['rebooting', 'modifying'].includes(instance.status);
    instance.status = rebooting ? 'incompatible-parameters' : 'failed';
    account.publish('RDS-EVENT-0031', instance.identifier, reason);
  }

  private async runApplyParameters(instance: InstanceRecord): Promise<void> {
    const { account, servers, parameters } = this.options;
    try {
      await this.during('applyingParametersMs');
      const group = account.parameterGroup(instance.parameterGroup);
      instance.appliedParameters = { ...instance.appliedParameters, ...immediateParameters(group, parameters) };
      await servers.reload(instance);
      instance.parameterApplyStatus = needsReboot(instance, group) ? 'pending-reboot' : 'in-sync';
    } catch (error) {
      if (this.abort.signal.aborted) return;
      account.publish('RDS-EVENT-0031', instance.identifier, String(error));
    }
    await account.save();
  }

  private async runDeleteSnapshot(snapshot: SnapshotRecord): Promise<void> {
    const { account, servers } = this.options;
    try {
      await this.during('deletingSnapshotMs', () => servers.removeSnapshot(snapshot));
      account.removeSnapshot(snapshot);
      account.publish('RDS-EVENT-0041', snapshot.identifier);
    } catch (error) {
      if (this.abort.signal.aborted) return;
      snapshot.status = 'failed';
      account.publish('LOCAL-EVENT-SNAPSHOT-FAILED', snapshot.identifier, String(error));
    }
    await account.save();
  }
}
