/** The examples' SQL on a real server: the application's write works before and after the changes, and the checks see damage. */
import { readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import type { Client } from 'pg';
import { parseWorkload } from '../../lib/local/prober/workload';
import { ScratchServer } from '../support/scratch-server';

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

async function write(app: Client, example: string, prefix: string): Promise<void> {
  const workload = parseWorkload(text(example, 'local/workload.sql'));
  for (const number of SMALLEST_AND_LARGEST) await app.query(workload.write, [`${prefix}-${number}`, number]);
}

async function stored(app: Client, example: string): Promise<unknown[]> {
  const { read } = parseWorkload(text(example, 'local/workload.sql'));
  return (await app.query({ text: read, rowMode: 'array' })).rows.map(([key]) => key).sort();
}

async function damage(master: Client, example: string): Promise<Record<string, number>> {
  const found: Record<string, number> = {};
  for (const file of files(example, 'checks')) {
    const { rowCount } = await master.query(text(example, `checks/${file}`));
    if (rowCount) found[file] = rowCount;
  }
  return found;
}

const KEYS = ['w-after-0', 'w-after-1', 'w-after-2147483647', 'w-before-0', 'w-before-1', 'w-before-2147483647'];

describe('examples/orders', () => {
  let database: string;

  beforeAll(async () => {
    database = await seeded('orders');
    await scratch.as('app', database, (app) => write(app, 'orders', 'w-before'));
    await scratch.as('master', database, async (master) => {
      for (const file of files('orders', 'changes'))
        await master.query(`begin; ${text('orders', `changes/${file}`)}; commit`);
    });
    await scratch.as('app', database, (app) => write(app, 'orders', 'w-after'));
  });

  it('is large enough to be taken for production', async () => {
    const rows = await scratch.as('master', database, (master) =>
      master.query(`select (select count(*) from customers) + (select count(*) from orders)
                         + (select count(*) from items) + (select count(*) from payments) as count`),
    );
    expect(Number(rows.rows[0].count)).toBeGreaterThanOrEqual(300_000);
  });

  it('serves the application of today before and after its changes, and its checks find nothing', async () => {
    expect(await scratch.as('app', database, (app) => stored(app, 'orders'))).toEqual(KEYS);
    expect(await scratch.as('master', database, (master) => damage(master, 'orders'))).toEqual({});
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
      await write(app, 'broken', 'w-after');
      expect(await stored(app, 'broken')).toEqual(KEYS.slice(0, 3));
    });
  });
});
