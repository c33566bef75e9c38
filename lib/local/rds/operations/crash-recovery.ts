/** Brings back servers that ended although nobody asked them to, as RDS does: the instance keeps its status meanwhile. */
import type { Clock } from '../../../ports/clock';
import { trackedWork } from '../../clock/tracked-work';
import type { Delays } from '../delays';
import type { InstanceServers } from '../instance-servers';
import type { Account } from '../model/account';
import type { InstanceRecord } from '../model/records';

export interface CrashRecoveryOptions {
  account: Account;
  servers: InstanceServers;
  clock: Clock;
  delays: Delays;
}

/** A server can be killed again while it recovers; one that does not start for a reason of its own never will. */
const ATTEMPTS = 3;

export class CrashRecovery {
  private readonly underWay = new Map<string, Promise<void>>();

  constructor(private readonly options: CrashRecoveryOptions) {}

  /** Resolves when the server is back or given up, and at once when the signal aborts. */
  begin(instance: InstanceRecord, signal: AbortSignal): Promise<void> {
    const recovery = this.recover(instance, signal).finally(() => {
      if (this.underWay.get(instance.resourceId) === recovery) this.underWay.delete(instance.resourceId);
    });
    this.underWay.set(instance.resourceId, recovery);
    return recovery;
  }

  /** Resolves when no recovery of this instance is under way, for those who need its server. */
  async over(instance: InstanceRecord): Promise<void> {
    await this.underWay.get(instance.resourceId)?.catch(() => undefined);
  }

  private async recover(instance: InstanceRecord, signal: AbortSignal): Promise<void> {
    if (signal.aborted) return;
    const { account } = this.options;
    account.publish('RDS-EVENT-0020', instance.identifier);
    await account.save();
    try {
      if (await this.startAgain(instance, signal)) {
        account.publish('RDS-EVENT-0021', instance.identifier);
        account.publish('RDS-EVENT-0006', instance.identifier);
      }
    } catch (error) {
      if (signal.aborted) return;
      account.publish('RDS-EVENT-0031', instance.identifier, error instanceof Error ? error.message : String(error));
      // An operation that is under way decides for itself what becomes of the instance.
      if (instance.operation === null) instance.status = 'failed';
    }
    await account.save();
  }

  private async startAgain(instance: InstanceRecord, signal: AbortSignal): Promise<boolean> {
    const { servers, clock, delays } = this.options;
    for (let attempt = 1; ; attempt += 1) {
      await clock.sleep(delays.restartingAfterCrashMs, signal);
      try {
        return await trackedWork(clock, () => servers.startAgain(instance));
      } catch (error) {
        if (attempt === ATTEMPTS) throw error;
      }
    }
  }
}
