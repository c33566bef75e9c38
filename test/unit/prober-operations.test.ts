/** Which operations a writer chooses, and which rows it leaves alone. */
import { type Operation, OperationChoice, type Settlement } from '../../lib/local/prober/operation-choice';
import { seededRandom } from '../../lib/local/prober/seeded-random';

const BOTH = { update: 'update', delete: 'delete' };

/** Chooses so many operations and gives each the answer. */
function operations(count: number, choice: OperationChoice, answer: (operation: Operation) => Settlement): Operation[] {
  return Array.from({ length: count }, () => {
    const operation = choice.next();
    choice.settle(operation, answer(operation));
    return operation;
  });
}

function shares(all: readonly Operation[]): Record<string, number> {
  const share = (kind: string) => Math.round((10 * all.filter((one) => one.kind === kind).length) / all.length) / 10;
  return { write: share('write'), update: share('update'), delete: share('delete') };
}

describe('a writer', () => {
  it.each([
    ['writes, updates and deletes', BOTH, { write: 0.7, update: 0.2, delete: 0.1 }],
    ['writes and updates', { update: 'update' }, { write: 0.8, update: 0.2, delete: 0 }],
    ['writes and deletes', { delete: 'delete' }, { write: 0.9, update: 0, delete: 0.1 }],
    ['only writes', {}, { write: 1, update: 0, delete: 0 }],
  ])('%s where the workload offers it', (_, offered, expected) => {
    const choice = new OperationChoice(offered, seededRandom(1));
    expect(shares(operations(20_000, choice, () => 'acknowledged'))).toEqual(expected);
  });

  it('writes under ever new numbers, with values that an integer holds', () => {
    const all = operations(5_000, new OperationChoice(BOTH, seededRandom(2)), () => 'acknowledged');
    const written = all.filter(({ kind }) => kind === 'write').map(({ sequence }) => sequence);
    expect(written).toEqual(written.map((_, index) => index + 1));
    expect(all.every(({ value }) => Number.isInteger(value) && value >= 0 && value < 2 ** 31)).toBe(true);
  });

  it.each<[string, (operation: Operation) => Settlement]>([
    ['everything is acknowledged', () => 'acknowledged'],
    ['everything is refused now and then', ({ value }) => (value % 3 === 0 ? 'refused' : 'acknowledged')],
    ['much remains unknown', ({ value }) => (value % 3 === 0 ? 'unknown' : 'acknowledged')],
    ['rows are gone', ({ kind, value }) => (kind !== 'write' && value % 3 === 0 ? 'missed' : 'acknowledged')],
  ])('changes only rows that it knows to be stored and nobody to be at: %s', (_, answer) => {
    const stored = new Set<number>();
    const choice = new OperationChoice(BOTH, seededRandom(3));
    for (const operation of operations(20_000, choice, answer)) {
      const { kind, sequence } = operation;
      const settlement = answer(operation);
      if (kind !== 'write') expect(stored.has(sequence)).toBe(true);
      if (kind === 'write' && settlement === 'acknowledged') stored.add(sequence);
      const gone = kind === 'delete' && settlement !== 'refused';
      if (kind !== 'write' && (gone || settlement === 'unknown' || settlement === 'missed')) stored.delete(sequence);
    }
    expect(stored.size).toBeGreaterThan(5_000);
  });

  it('does nothing but write while nothing is stored', () => {
    const all = operations(1_000, new OperationChoice(BOTH, seededRandom(4)), () => 'refused');
    expect(shares(all)).toEqual({ write: 1, update: 0, delete: 0 });
  });

  it('changes old rows as well as new ones', () => {
    const all = operations(20_000, new OperationChoice(BOTH, seededRandom(5)), () => 'acknowledged');
    const late = all.slice(-2_000).filter(({ kind }) => kind === 'update');
    expect(late.some(({ sequence }) => sequence < 1_000)).toBe(true);
    expect(late.some(({ sequence }) => sequence > 12_000)).toBe(true);
  });
});
