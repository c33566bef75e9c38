/** Whether green is blue in schema and roles but for what the changes declare, and lets the plan's users in: a look that reads no row of the application. */
import type { DeclaredBy, Schema } from '../../lib/core/schema';
import { compareSchemas } from '../../lib/core/schema-differences';
import { inDatabase, type Mismatch } from '../../lib/core/verdict';
import type { Database, PlanSecret } from '../../lib/ports/database';
import type { BothSides } from '../../lib/ports/reader';
import type { World } from '../../lib/ports/world';
import { changesBetween, declaredBy } from './changes-between';
import type { Pair } from './sides';

/** What both sides are, and may be. */
interface Compared {
  readonly schemas: { readonly blue: Schema; readonly green: Schema };
  readonly declared: readonly DeclaredBy[];
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
