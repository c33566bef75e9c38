/** Every kind of object: what differs is found and told, and accepted where a change declares it. */

import type { SchemaObject } from '../../../lib/core/schema';
import { compareSchemas } from '../../../lib/core/schema-differences';
import { OTHER_OBJECTS } from '../../../lib/engines/postgres/catalog/catalog-of-objects';
import { ROLES } from '../../../lib/engines/postgres/catalog/catalog-of-roles';
import { OBJECTS_OF_TABLES } from '../../../lib/engines/postgres/catalog/catalog-of-tables';
import { loadStatementParser } from '../../../lib/engines/postgres/changes/statement-parser';
import { MAJORS } from '../../support/majors';
import { PostgresFixture } from '../../support/postgres-fixture';
import { ROLE_CASES } from '../../support/role-cases';
import { SCHEMA_CASES, type SchemaCase } from '../../support/schema-cases';
import { declared } from '../../support/schema-comparison';

beforeAll(loadStatementParser);

const SEED = 'create schema shop; create schema crm; create foreign data wrapper w58';

describe.each(MAJORS)('on PostgreSQL %i', (major) => {
  const known = (cases: readonly SchemaCase[]) => cases.filter(({ since = 0 }) => since <= major);
  let fixture: PostgresFixture;
  let schemas: Sides;
  let roles: Sides;
  beforeAll(async () => {
    fixture = await PostgresFixture.start({ major });
    const blue = await fixture.database();
    await blue.query(joined([SEED, ...seeds(known(SCHEMA_CASES)), ...seeds(known(ROLE_CASES))]));
    const run = blue.run();
    const before = { schema: await run.schema(), roles: await run.roles() };
    const green = await fixture.copyOf(blue);
    const changes = [...SCHEMA_CASES, ...ROLE_CASES].filter((one) => known([one]).length > 0);
    await green.query(joined(changes.map(({ change }) => change.replace('this_database', green.name))));
    const changed = green.run();
    schemas = { blue: before.schema.objects, green: (await changed.schema()).objects };
    roles = { blue: before.roles, green: await changed.roles() };
    await green.close();
  });
  afterAll(() => fixture.close());

  it.each(known(SCHEMA_CASES))('finds, tells and accepts where it is declared: $change', (one) => {
    expectFound(one, known(SCHEMA_CASES), schemas);
  });

  it.each(known(ROLE_CASES))('finds, tells and accepts where it is declared: $change', (one) => {
    expectFound(one, known(ROLE_CASES), roles);
  });

  it('shows no value that may be secret', () => {
    const all = [...mismatches(schemas, []), ...mismatches(roles, [])];
    expect(JSON.stringify(all)).not.toContain('hidden');
    expect(all.length).toBeGreaterThan(60);
  });

  it('has a case for every kind that is looked at', () => {
    const found = [...mismatches(schemas, []), ...mismatches(roles, [])].map(({ object }) => object);
    for (const kind of Object.keys({ ...OBJECTS_OF_TABLES, ...OTHER_OBJECTS, ...ROLES })) {
      expect(found).toContainEqual(expect.stringMatching(new RegExp(`^${kind} `)));
    }
  });
});

interface Sides {
  readonly blue: readonly SchemaObject[];
  readonly green: readonly SchemaObject[];
}

/** Without the declarations of this change the verdict names what it did, and nothing else. */
function expectFound(one: SchemaCase, cases: readonly SchemaCase[], sides: Sides): void {
  const others = cases.filter((other) => other !== one);
  const found = mismatches(sides, others);
  expect(found.map(({ object }) => object).sort()).toEqual(Object.keys(one.found).sort());
  for (const [object, part] of Object.entries(one.found)) {
    expect(found.find((mismatch) => mismatch.object === object)?.message).toContain(part);
  }
}

function mismatches({ blue, green }: Sides, cases: readonly SchemaCase[]) {
  return compareSchemas(
    { objects: blue },
    { objects: green },
    cases.flatMap(({ change }) => declared(change)),
  );
}

function seeds(cases: readonly SchemaCase[]): string[] {
  return cases.flatMap(({ seed }) => seed ?? []);
}

function joined(statements: readonly string[]): string {
  return statements.join(';\n');
}
