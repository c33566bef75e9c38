/** Whether green is blue in schema and roles but for what the changes declare, and lets the plan's users in: a look that reads no row of the application. */
import type { Change } from '../lib/core/changes';
import type { DeclaredBy, Schema } from '../lib/core/schema';
import { compareSchemas } from '../lib/core/schema-differences';
import type { Mismatch } from '../lib/core/verdict';
import type { Database, PlanSecret } from '../lib/ports/database';
import type { BothSides } from '../lib/ports/reader';
import type { World } from '../lib/ports/world';
import type { Pair } from './sides';

/** What both sides are, and may be. */
interface Compared {
  readonly schemas: { readonly blue: Schema; readonly green: Schema };
  readonly declared: readonly DeclaredBy[];
}

/** Where several databases move, a table may be in any of them. */
export function inDatabase(
  { followedDatabases }: World['plan'],
  database: string,
  mismatches: readonly Mismatch[],
): Mismatch[] {
  const where = followedDatabases.length > 0 ? ` in database "${database}"` : '';
  return mismatches.map((mismatch) => ({ ...mismatch, object: `${mismatch.object}${where}` }));
}

/** What differs in one database; in the plan's own, the roles of the whole instance as well. */
export async function schemaMismatches(
  { plan }: World,
  database: string,
  { blue, green }: BothSides,
  { schemas, declared }: Compared,
): Promise<Mismatch[]> {
  const named = inDatabase(plan, database, compareSchemas(schemas.blue, schemas.green, declared));
  if (database !== plan.blue.database) {
    return named;
  }
  const [onBlue, onGreen] = await Promise.all([blue.roles(), green.roles()]);
  return [...named, ...compareSchemas({ objects: onBlue }, { objects: onGreen }, declared)];
}

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

/** Which secrets, as they are now, do not open green: passwords cannot be compared, but tried. */
export async function secretMismatches(world: World, green: Database): Promise<Mismatch[]> {
  const mismatches: Mismatch[] = [];
  for (const secret of ['secretArn', 'applicationSecretArn'] as const) {
    const reasons = await whyShut(world, green, secret);
    mismatches.push(...reasons.map((message) => ({ kind: 'secret', object: `blue.${secret}`, message }) as const));
  }
  return mismatches;
}

export async function whyShut({ plan }: World, green: Database, secret: PlanSecret): Promise<string[]> {
  const refusal = await green.loginRefusal(secret);
  return refusal === undefined
    ? []
    : [
        `green does not let the user of ${plan.blue[secret]} log in: ${refusal}; if the password was changed on blue after the snapshot, give the role on green the same one (ALTER ROLE … PASSWORD …), or start a new run`,
      ];
}

/** Reasons named in a refusal; the rest is counted. */
const REASONS_LIMIT = 20;

/** What changed on either side since the verdict, before anything is frozen for it. */
export async function whyNotTheSame(world: World, pairs: readonly Pair[]): Promise<string[]> {
  const mismatches: Mismatch[] = [];
  for (const pair of pairs) {
    if (pair.name === world.plan.blue.database) {
      mismatches.push(...(await secretMismatches(world, pair.green)));
    }
    const [blue, green] = await Promise.all([pair.blue.schema(), pair.green.schema()]);
    const compared = { schemas: { blue, green }, declared: declaredBy(await changesBetween(world, pair)) };
    mismatches.push(...(await schemaMismatches(world, pair.name, pair, compared)));
  }
  const more = mismatches.length - REASONS_LIMIT;
  return [
    ...mismatches.slice(0, REASONS_LIMIT).map(({ kind, object, message }) => `${kind}: ${object}: ${message}`),
    ...(more > 0 ? [`and ${more} more`] : []),
  ];
}
