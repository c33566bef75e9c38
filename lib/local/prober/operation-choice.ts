/** What a writer does next: mostly new writes, and now and then a change of a row that it knows to be stored. */
import type { OperationKind, Workload } from './workload';

/** One transaction on the row of one key; the key is `sequence` of its writer. */
export interface Operation {
  kind: OperationKind;
  sequence: number;
  /** A non-negative int4, which a delete makes no use of. */
  value: number;
}

/** What became of it: done; done to no row at all; not done; one of these, nobody knows which. */
export type Settlement = 'acknowledged' | 'missed' | 'refused' | 'unknown';

const UPDATES = 0.2;
const DELETES = 0.1;
const INT4_LIMIT = 2 ** 31;

export class OperationChoice {
  private sequence = 0;
  /** In no order. Only their writer touches these rows, so each has one last value. */
  private readonly stored: number[] = [];
  /** Position in `stored` of the row that is being changed. */
  private chosen = 0;

  /** @param random from 0 to below 1 */
  constructor(
    private readonly offered: Pick<Workload, 'update' | 'delete'>,
    private readonly random: () => number,
  ) {}

  next(): Operation {
    const value = Math.floor(this.random() * INT4_LIMIT);
    const kind = this.kind(this.random());
    if (kind !== 'write') {
      this.chosen = Math.floor(this.random() * this.stored.length);
      return { kind, sequence: this.stored[this.chosen] ?? 0, value };
    }
    this.sequence += 1;
    return { kind, sequence: this.sequence, value };
  }

  /** One operation at a time: it is settled before the next one is chosen. */
  settle({ kind, sequence }: Operation, settlement: Settlement): void {
    if (kind === 'write') {
      if (settlement === 'acknowledged') this.stored.push(sequence);
      return;
    }
    const stays = settlement === 'refused' || (kind === 'update' && settlement === 'acknowledged');
    // After an unknown outcome the server may still be at it, and could overwrite what is acknowledged later.
    if (!stays) this.forgetChosen();
  }

  private kind(drawn: number): OperationKind {
    if (this.stored.length === 0) return 'write';
    if (this.offered.update !== undefined && drawn < UPDATES) return 'update';
    return this.offered.delete !== undefined && drawn >= 1 - DELETES ? 'delete' : 'write';
  }

  private forgetChosen(): void {
    const last = this.stored.pop();
    if (last !== undefined && this.chosen < this.stored.length) this.stored[this.chosen] = last;
  }
}
