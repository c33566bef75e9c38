/** The examples' SQL on a real server: the application works before and after the changes, checks and workload see damage. */
import { readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import type { Client } from 'pg';
import { parseCheckFileName } from '../../lib/core/checks';
import { requireUsableWorkload } from '../../lib/local/prober/require-usable-workload';
import { statementsOf } from '../../lib/local/prober/statements';
import { type OperationKind, parseWorkload, type Workload } from '../../lib/local/prober/workload';
import { PASSWORD, ScratchServer } from '../support/scratch-server';

const EXAMPLES = join(__dirname, '../../examples');
const SMALLEST_AND_LARGEST = [0, 1, 2_147_483_647];

let scratch: ScratchServer;

beforeAll(async () => {
  scratch = await ScratchServer.start();
});

afterAll(() => scratch.remove());

function text(example: string, file: string): string {
  return readFileSync(join(EXAMPLES, example, file), 'utf8');
}

function files(example: string, folder: string): string[] {
  return readdirSync(join(EXAMPLES, example, folder)).sort();
}

async function seeded(example: string): Promise<string> {
  const database = await scratch.createDatabase();
  await scratch.as('master', database, (master) => master.query(text(example, 'local/seed.sql')));
  return database;
}

function workloadOf(example: string): Workload {
  return parseWorkload(text(example, 'local/workload.sql'));
}

async function run(app: Client, example: string, kind: OperationKind, key: string, value: number): Promise<void> {
  await app.query('begin');
  for (const { text, parameters } of statementsOf(workloadOf(example)[kind] ?? '')) {
    await app.query(
      text,
      parameters.map((number) => [key, value][number - 1]),
    );
  }
  await app.query('commit');
}

/** Rows with the keys prefix-0, prefix-1 and prefix-2147483647, which hold these numbers. */
async function write(app: Client, example: string, prefix: string): Promise<void> {
  for (const number of SMALLEST_AND_LARGEST) await run(app, example, 'write', `${prefix}-${number}`, number);
}

/** Each of the rows' numbers is another one then, and a row that was written in addition is gone again. */
async function change(app: Client, example: string, prefix: string): Promise<void> {
  await run(app, example, 'write', `${prefix}-gone`, 7);
  await run(app, example, 'delete', `${prefix}-gone`, 0);
  for (const [index, number] of SMALLEST_AND_LARGEST.entries()) {
    await run(app, example, 'update', `${prefix}-${number}`, SMALLEST_AND_LARGEST.at(index - 1) as number);
  }
}

async function stored(app: Client, example: string): Promise<unknown[][]> {
  return (await app.query({ text: workloadOf(example).read, rowMode: 'array' })).rows.sort();
}

async function damage(master: Client, example: string): Promise<Record<string, number>> {
  const found: Record<string, number> = {};
  for (const file of files(example, 'checks').filter((name) => parseCheckFileName(name) === 'no-rows')) {
    const { rowCount } = await master.query(text(example, `checks/${file}`));
    if (rowCount) found[file] = rowCount;
  }
  return found;
}

const CHANGED = ['w-0-after', 'w-0-before'].flatMap((prefix) => [
  [`${prefix}-0`, 2_147_483_647, true],
  [`${prefix}-1`, 0, true],
  [`${prefix}-2147483647`, 1, true],
]);

it.each(['../test/support/plans/small', 'orders', 'broken'])(
  '%s has a workload that its own database takes',
  async (example) => {
    const database = await seeded(example);
    const login = { host: '127.0.0.1', port: scratch.port, database, user: 'app', password: PASSWORD };
    await requireUsableWorkload(workloadOf(example), login);
  },
);

describe('examples/orders', () => {
  let database: string;

  beforeAll(async () => {
    database = await seeded('orders');
    await scratch.as('app', database, async (app) => {
      await write(app, 'orders', 'w-0-before');
      await change(app, 'orders', 'w-0-before');
    });
    await scratch.as('master', database, async (master) => {
      for (const file of files('orders', 'changes'))
        await master.query(`begin; ${text('orders', `changes/${file}`)}; commit`);
    });
    await scratch.as('app', database, async (app) => {
      await write(app, 'orders', 'w-0-after');
      await change(app, 'orders', 'w-0-after');
    });
  });

  it('is large enough to be taken for production', async () => {
    const rows = await scratch.as('master', database, (master) =>
      master.query(`select (select count(*) from customers) + (select count(*) from orders)
                         + (select count(*) from items) + (select count(*) from payments) as count`),
    );
    expect(Number(rows.rows[0].count)).toBeGreaterThanOrEqual(300_000);
  });

  it('serves the application of today before and after its changes, and its checks find nothing', async () => {
    expect(await scratch.as('app', database, (app) => stored(app, 'orders'))).toEqual(CHANGED);
    expect(await scratch.as('master', database, (master) => damage(master, 'orders'))).toEqual({});
  });

  it.each([
    ['an item', "delete from items where order_id = (select order_id from payments where reference = 'w-0-before-1')"],
    ['the order', "alter table orders disable trigger all; delete from orders where note = '0' and id > 100000"],
    ['the new total', "update payments set amount = amount + 1 where reference = 'w-0-before-1'"],
  ])('has a workload that finds a write without %s', async (_, statement) => {
    const found = await scratch.server.asAdmin(async (admin) => {
      await admin.query('begin');
      await admin.query(statement);
      return stored(admin, 'orders');
    }, database);
    expect(found).toHaveLength(CHANGED.length);
    expect(found.find(([key]) => key === 'w-0-before-1')?.[2]).not.toBe(true);
  });

  it('keeps full name and parts equal, whichever the application writes', async () => {
    const names = await scratch.as('app', database, async (app) => {
      await app.query("insert into customers (full_name, email, country) values ('Ada King Lovelace', 'a@x', 'GB')");
      await app.query(
        "insert into customers (first_name, last_name, email, country) values ('Grace', 'Hopper', 'g@x', 'US')",
      );
      await app.query("update customers set last_name = 'Murray' where email = 'g@x'");
      await app.query("update customers set full_name = 'Ada' where email = 'a@x'");
      return app.query("select full_name, first_name, last_name from customers where email like '_@x' order by email");
    });
    expect(names.rows).toEqual([
      { full_name: 'Ada', first_name: null, last_name: 'Ada' },
      { full_name: 'Grace Murray', first_name: 'Grace', last_name: 'Murray' },
    ]);
  });

  it.each([
    ['a lost item', 'delete from items where id = 7', { 'totals_add_up.sql': 1 }],
    ['a lost payment', 'delete from payments where id = 7', { 'totals_add_up.sql': 1 }],
    [
      'an orphaned item',
      'alter table items drop constraint items_order_id_fkey; update items set order_id = -1 where id = 8',
      { 'no_orphans.sql': 1, 'totals_add_up.sql': 1 },
    ],
    [
      'a wrong name',
      "alter table customers disable trigger customers_split_name; update customers set last_name = 'X' where id = 9",
      { 'names_join_back.sql': 1 },
    ],
  ])('has checks that find %s', async (_, statement, expected) => {
    const found = await scratch.as('master', database, async (master) => {
      await master.query('begin');
      await master.query(statement);
      return damage(master, 'orders');
    });
    expect(found).toEqual(expected);
  });
});

describe('examples/broken', () => {
  it('has a good change, and one that the data contradicts', async () => {
    const database = await seeded('broken');
    await scratch.as('master', database, async (master) => {
      await master.query(text('broken', 'changes/0001_add_return_date.sql'));
      await expect(master.query(text('broken', 'changes/0002_require_email.sql'))).rejects.toThrow(
        'column "email" of relation "members" contains null values',
      );
      expect(await damage(master, 'broken')).toEqual({});
    });
    await scratch.as('app', database, async (app) => {
      await write(app, 'broken', 'w-0');
      expect(await stored(app, 'broken')).toEqual([['w-0-0'], ['w-0-1'], ['w-0-2147483647']]);
    });
  });
});

describe('test/support/plans/small', () => {
  const SMALL = '../test/support/plans/small';
  let database: string;

  beforeAll(async () => {
    database = await seeded(SMALL);
    await scratch.as('app', database, (app) => write(app, SMALL, 'w-0-before'));
    await scratch.as('master', database, async (master) => {
      for (const file of files(SMALL, 'changes')) await master.query(text(SMALL, `changes/${file}`));
    });
    await scratch.as('app', database, async (app) => {
      await change(app, SMALL, 'w-0-before');
      await write(app, SMALL, 'w-0-after');
      await change(app, SMALL, 'w-0-after');
    });
  });

  it('serves the application of today before and after its changes, and its checks find nothing', async () => {
    expect(await scratch.as('app', database, (app) => stored(app, SMALL))).toEqual(CHANGED);
    expect(await scratch.as('master', database, (master) => damage(master, SMALL))).toEqual({});
  });

  it.each([
    ['its note', `delete from "Mixed Case" where key = 'w-0-after-1'`],
    ['its account', "alter table account disable trigger all; delete from account where name = 'w-0-after-1'"],
  ])('has a workload that finds a write without %s', async (_, statement) => {
    const found = await scratch.server.asAdmin(async (admin) => {
      await admin.query('begin');
      await admin.query(statement);
      return stored(admin, SMALL);
    }, database);
    expect(found).toHaveLength(CHANGED.length);
    expect(found.find(([key]) => key === 'w-0-after-1')?.[2]).toBe(false);
  });
});
