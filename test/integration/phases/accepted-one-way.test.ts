/** Contract changes after which nothing flows back: known before production has to wait, from their text and blue's types. */
import { prepareWayBack } from '../../../lambdas/steps/way-back';
import type { Plan } from '../../../lib/core/plan';
import { loadStatementParser } from '../../../lib/engines/postgres/changes/statement-parser';
import { changes } from '../../support/following-plan';
import { PostgresFixture } from '../../support/postgres-fixture';

let fixture: PostgresFixture;
beforeAll(async () => {
  await loadStatementParser();
  fixture = await PostgresFixture.start();
});
afterAll(() => fixture.close());

it.each([
  [
    'drops what blue needs',
    'alter table person drop column title',
    /public\.person\.title is NOT NULL without default/,
  ],
  [
    'gives a column a type that does not flow back',
    'alter table person alter column married type text',
    /public\.person\.married is text on green, and boolean on blue is not known to take every value/,
  ],
  [
    'gives a column a type of its own',
    'create domain word as text; alter table person alter column married type word',
    /public\.person\.married is .* on green, and boolean on blue is not known to take every value/,
  ],
])('a plan that %s has no way back, which it has to accept', async (_what, sql, reason) => {
  const blue = await fixture.database(
    'create table person (id integer primary key, title text not null, married boolean)',
  );
  const green = await fixture.copyOf(blue);
  const plan = (acceptOneWay: boolean) =>
    ({ blue: { database: 'shop' }, acceptOneWay, changes: changes({ '0001_a.contract.sql': sql }) }) as unknown as Plan;
  const pair = { name: 'shop', blue: blue.run(), green: green.run(), forward: 'there', back: 'back', rows: 'rows' };
  const address = { host: '127.0.0.1', port: fixture.server.port };
  await expect(prepareWayBack(plan(false), [pair], address)).rejects.toThrow(reason);
  expect(await prepareWayBack(plan(true), [pair], address)).toBe(true);
  expect(await pair.blue.subscription('back')).toBeUndefined();
  await blue.close();
  await green.close();
});
