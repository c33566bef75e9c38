/** The changes by which green may differ from blue. */
import type { Change } from '../../lib/core/changes';
import type { DeclaredBy } from '../../lib/core/schema';
import type { World } from '../../lib/ports/world';
import type { Pair } from './sides';

/**
 * The changes green has and blue has not: those of earlier runs are on both sides, and contract changes count once an attempt of
 * the switchover has applied them. Changes are the business of the plan's own database.
 */
export async function changesBetween({ plan }: World, { name, blue, green }: Pair): Promise<readonly Change[]> {
  if (name !== plan.blue.database) {
    return [];
  }
  const [onBlue, onGreen] = await Promise.all([blue.ledger(), green.ledger()]);
  const before = new Set(onBlue.map(({ number }) => number));
  const applied = new Set(onGreen.map(({ number }) => number));
  return plan.changes.filter(({ number }) => applied.has(number) && !before.has(number));
}

/** Whether one of them may have touched tables that no declaration names. */
export function unseenBy(changes: readonly Change[]): boolean {
  return changes.some(({ effects }) => effects.some(({ touches }) => touches.length === 0));
}

export function declaredBy(changes: readonly Change[]): DeclaredBy[] {
  return changes.flatMap(({ file, declarations }) => declarations.map((declaration) => ({ file, declaration })));
}
