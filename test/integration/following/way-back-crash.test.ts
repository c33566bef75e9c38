/** Green's server crashes just after the switchover: it has forgotten how far slots were advanced, and nothing from before flows back. */
import { beginWayBackHere } from '../../../lambdas/steps/way-back';
import { TestDatabase } from '../../support/postgres-fixture';
import { type ServedPair, TwoServers } from '../../support/two-servers';

const SEED = `create table account (id int primary key, owner text); insert into account select n, 'blue' from generate_series(1, 5) n`;
const AS_THE_RUN = `set bluegreen.run_id = 'run-1';`;
/** What contract changes wrote to green. */
const CHANGE = `${AS_THE_RUN} update account set owner = 'change' where id <= 2; delete from account where id = 3`;
const APPLICATION = `${AS_THE_RUN} insert into account values (6, 'application')`;

let servers: TwoServers;
let pair: ServedPair;
beforeEach(async () => {
  servers = await TwoServers.start(18);
  pair = await servers.pair(SEED);
});
afterEach(() => servers.close());

/** Green as who connects to it anew finds it. */
async function crashedGreen(): Promise<TestDatabase> {
  await servers.crashGreen();
  return new TestDatabase(pair.green.port, pair.green.name);
}

test('blue gets what the application wrote', async () => {
  const back = `${pair.channel}_back`;
  await pair.prepareBack();
  await pair.green.query(CHANGE);
  await pair.onGreen.forgetWritten(back);
  await beginWayBackHere([{ blue: pair.onBlue, green: pair.onGreen, back }]);

  const green = await crashedGreen();
  await green.query(APPLICATION);
  await pair.blue.query(`alter subscription ${back} enable`);
  const { token } = await green.run().writeMarker();
  expect(await pair.onBlue.markerArrives(token, 20_000)).toBe(true);

  expect(await pair.blue.query('select id, owner from account order by id')).toEqual([
    ...[1, 2, 3, 4, 5].map((id) => ({ id, owner: 'blue' })),
    { id: 6, owner: 'application' },
  ]);
  await green.close();
});

test('what contract changes wrote is not compared', async () => {
  const comparing = (onGreen: typeof pair.onGreen) =>
    pair.onBlue.changedRowsWith(onGreen, 'bluegreen_shop_rows', {
      declared: [],
      unseen: true,
      timeZone: 'UTC',
      rowsNamed: 5,
    });
  const before = comparing(pair.onGreen);
  await before.keep();
  await pair.green.query(CHANGE);
  await before.passOverGreens();

  const green = await crashedGreen();
  const after = comparing(green.run());
  await after.listen();
  await after.read();
  expect(await after.compare({ last: true })).toEqual({ rows: 0, suspected: 0, differences: [], skipped: [] });
  await after.close();
  await green.close();
});
