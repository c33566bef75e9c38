/** What is changed on blue, other than rows, after green was copied: the verdict tells it, and the switchover looks again. */
import { clone } from '../../../lambdas/clone';
import { migrate } from '../../../lambdas/migrate';
import { prepare } from '../../../lambdas/prepare';
import { snapshot } from '../../../lambdas/snapshot';
import { switchover } from '../../../lambdas/switchover';
import { validate } from '../../../lambdas/validate';
import { SwitchoverRefused } from '../../../lib/core/errors';
import type { RunResults } from '../../../lib/core/run';
import type { Verdict } from '../../../lib/core/verdict';
import { PhaseWorld } from '../../support/phase-world';

const RUN = 'run-1';
const BLUE = 'small-production';

let world: PhaseWorld;
let results: RunResults;
beforeAll(async () => {
  world = await PhaseWorld.open();
  results = { prepare: await world.complete(prepare, RUN) };
  await world.complete(snapshot, RUN);
  await world.complete(clone, RUN);
  await world.complete(migrate, RUN);
  results = { ...results, validate: await world.complete(validate, RUN) };
});
afterAll(() => world.close());

const verdict = () => world.complete(validate, RUN) as Promise<Verdict>;
const refusal = () => world.invoke(switchover, RUN, { results }).catch((error: unknown) => error);

it('was equal before anything was changed', () => {
  expect(results.validate).toMatchObject({ pass: true, mismatches: [] });
});

it.each([
  [
    'a grant',
    'revoke insert on account from app',
    'grant insert on account to app',
    'table public.account',
    'only green has "app INSERT"',
  ],
  [
    'an attribute',
    'alter role app connection limit 7',
    'alter role app connection limit -1',
    'role app',
    'only blue has "connection limit 7"',
  ],
  ['a role', 'create role readers', 'drop role readers', 'role readers', 'green lacks it'],
  [
    'a membership',
    'grant pg_read_all_data to app',
    'revoke pg_read_all_data from app',
    'membership pg_read_all_data of app',
    'green lacks it',
  ],
  [
    "a role's setting",
    'alter role app set work_mem = 8192',
    'alter role app reset work_mem',
    'setting work_mem of role app',
    'green lacks it (value: 8192)',
  ],
  [
    "the database's setting",
    'alter database small set jit = off',
    'alter database small reset jit',
    'setting jit of the database',
    'green lacks it (value: off)',
  ],
  ['an index', 'create index late on account (name)', 'drop index late', 'index public.account.late', 'green lacks it'],
])('notices %s that was changed on blue', async (_what, change, back, object, message) => {
  await world.asAdmin(BLUE, change);
  try {
    expect((await verdict()).mismatches).toEqual([
      { kind: 'schema', object, message: expect.stringContaining(message) },
    ]);
    const error = await refusal();
    expect(error).toBeInstanceOf(SwitchoverRefused);
    expect(error).toMatchObject({ reasons: [expect.stringContaining(`schema: ${object}: `)] });
  } finally {
    await world.asAdmin(BLUE, back);
  }
});

it.each([
  ['applicationSecretArn', 'app'],
  ['secretArn', 'bluegreen'],
] as const)('notices that %s opens blue, and green no more, and shows no password', async (secret, user) => {
  const takeBack = await world.rotate(secret, 'rotated-while-it-ran');
  try {
    const { pass, mismatches } = await verdict();
    expect({ pass, mismatches }).toEqual({
      pass: false,
      mismatches: [{ kind: 'secret', object: `blue.${secret}`, message: expect.any(String) }],
    });
    const said = `green does not let the user of ${world.plan.blue[secret]} log in: password authentication failed for user "${user}"; if the password`;
    expect(mismatches[0]?.message).toContain(said);
    expect(mismatches[0]?.message).not.toContain('rotated-while-it-ran');
    const error = await refusal();
    expect(error).toBeInstanceOf(SwitchoverRefused);
    expect(error).toMatchObject({ reasons: [expect.stringContaining(said)] });
  } finally {
    await takeBack();
  }
});

it('moves the application when everything is as it was', async () => {
  expect(await verdict()).toMatchObject({ pass: true });
  expect(await world.complete(switchover, RUN, { results })).toMatchObject({ serving: 'green' });
});
