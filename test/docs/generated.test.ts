/** What is generated into the documentation is what the code says now. */

import { z } from 'zod';
import { planFixture } from '../support/plan-fixture';
import { blockIn, generatedBlocks, generatedPlanSchema, PLAN_SCHEMA_FILE } from './generated';
import { read } from './markdown';

const RENEW = 'npx tsx test/docs/regenerate.ts && npm run format';

/** The formatter pads the cells of tables. */
function compact(text: string | undefined): string | undefined {
  return text?.replace(/-{3,}/g, '---').replace(/ +/g, ' ');
}

test.each(generatedBlocks())(`$file holds the current $name (${RENEW})`, ({ file, name, text }) => {
  expect(compact(blockIn(read(file), name))).toBe(compact(text));
});

test(`${PLAN_SCHEMA_FILE} is the current schema of plan.json (${RENEW})`, () => {
  expect(JSON.parse(read(PLAN_SCHEMA_FILE))).toEqual(generatedPlanSchema());
});

describe('docs/plan.schema.json', () => {
  const schema = z.fromJSONSchema(JSON.parse(read(PLAN_SCHEMA_FILE)));

  test.each(['examples/orders', 'examples/broken'])('accepts the plan.json of %s', (folder) => {
    expect(schema.safeParse(JSON.parse(read(`${folder}/plan.json`))).error).toBeUndefined();
  });

  test('describes every key', () => {
    expect(read('docs/plan.md')).not.toMatch(/^\|[^|]+\|[^|]+\|[^|]+\|\s*\|$/m);
  });

  test.each([
    ['an unknown key', { snapshots: true }],
    ['a wrong type', { bake: { seconds: 'long' } }],
    ['a value out of range', { freeze: { timeoutSeconds: 1 } }],
    ['another way to follow', { sync: 'online' }],
  ])('refuses %s', (_what, change) => {
    const { changes, checks, ...settings } = planFixture();
    expect(schema.safeParse(settings).success).toBe(true);
    expect(schema.safeParse({ ...settings, ...change }).success).toBe(false);
  });
});
