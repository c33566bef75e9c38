/** A private hosted zone: its records, its changes, and what resolvers are answered. */
import { randomBytes } from 'node:crypto';
import type { Clock } from '../../ports/clock';
import { appliedTo, type RecordChange } from './change-batch';
import { fullName, inOrderOfZone, type RecordSet } from './record-set';
import { Route53Fault } from './route53-fault';
import type { Route53Settings } from './route53-settings';

export interface HostedZoneOptions {
  readonly id: string;
  readonly name: string;
  readonly clock: Clock;
  readonly settings: Route53Settings;
  /** What was in the zone before this process. */
  readonly records: readonly RecordSet[];
  /** The zone has these records from now on; resolves when that is written down. */
  readonly onAccepted: (records: readonly RecordSet[]) => Promise<void>;
  /** Resolvers are answered with these records from now on. */
  readonly onAnswered: (records: readonly RecordSet[]) => Promise<void>;
}

export interface ChangeInfo {
  readonly id: string;
  readonly submittedAt: Date;
  readonly status: 'PENDING' | 'INSYNC';
}

export class HostedZone {
  readonly id: string;
  readonly name: string;
  private records: RecordSet[];
  private readonly changes = new Map<string, { readonly atMs: number; answered: boolean }>();
  private readonly spreading = new Set<NodeJS.Timeout>();
  private busySinceMs: number | undefined;

  constructor(private readonly options: HostedZoneOptions) {
    this.id = options.id;
    this.name = fullName(options.name);
    const authority = { name: this.name, ttl: 900, type: 'SOA' };
    this.records = [
      { ...authority, values: ['ns-1536.awsdns-00.co.uk. awsdns-hostmaster.amazon.com. 1 7200 900 1209600 86400'] },
      { ...authority, type: 'NS', ttl: 172_800, values: ['ns-1536.awsdns-00.co.uk.', 'ns-0.awsdns-00.com.'] },
      ...options.records,
    ];
  }

  get size(): number {
    return this.records.length;
  }

  /** From a name, or a name and type, on; both may be missing in the zone. */
  listed(from: { readonly name: string; readonly type: string }): RecordSet[] {
    return [...this.records].sort(inOrderOfZone).filter((record) => inOrderOfZone(record, from) >= 0);
  }

  /** @throws Route53Fault */
  async change(changes: readonly RecordChange[]): Promise<ChangeInfo> {
    const { clock, settings, onAccepted, onAnswered } = this.options;
    const nowMs = clock.now();
    if (this.busySinceMs !== undefined && nowMs - this.busySinceMs < settings.processingMs) {
      throw new Route53Fault(
        'PriorRequestNotComplete',
        'The request was rejected because Route 53 was still processing a prior request.',
      );
    }
    this.records = appliedTo(this.records, changes, this.name);
    this.busySinceMs = nowMs;
    const id = `C${randomBytes(10).toString('hex').toUpperCase()}`;
    const change = { atMs: nowMs, answered: false };
    this.changes.set(id, change);
    const accepted = this.records;
    const accepting = onAccepted(accepted);
    const answer = async () => {
      await onAnswered(accepted);
      change.answered = true;
    };
    if (settings.answersMs > 0) {
      this.later(settings.answersMs, answer);
      await accepting;
    } else {
      await Promise.all([accepting, answer()]);
    }
    return this.changeInfo(id);
  }

  /** @throws Route53Fault NoSuchChange */
  changeInfo(id: string): ChangeInfo {
    const { clock, settings } = this.options;
    const change = this.changes.get(id);
    if (!change) throw new Route53Fault('NoSuchChange', `No change found with ID: ${id}`);
    const { atMs, answered } = change;
    const everywhere = answered && clock.now() - atMs >= settings.insyncMs;
    return { id, submittedAt: new Date(atMs), status: everywhere ? 'INSYNC' : 'PENDING' };
  }

  /** No resolver learns anything any more. */
  close(): void {
    for (const timer of this.spreading) clearTimeout(timer);
    this.spreading.clear();
  }

  private later(ms: number, work: () => Promise<void>): void {
    const timer = setTimeout(() => {
      this.spreading.delete(timer);
      work().catch(() => undefined); // whoever was to be told is gone
    }, ms);
    this.spreading.add(timer);
  }
}
