/** A check that can never pass is found by its text, and no other is taken for one. */
import { checkProblem, loadStatementParser } from '../../../lib/engines/postgres/changes/statement-parser';

beforeAll(loadStatementParser);

const ALWAYS =
  /^always returns a row, and a check passes when it returns none; .* having count\(\*\) > 0\), or call the file name\.same\.sql/;

describe('a check that must return no row', () => {
  it.each([
    'select count(*) from orders where reference is null',
    'select count(*) = 0 as fine from orders',
    'select coalesce(sum(total), 0), now() from orders',
    'select max(o.total) from (select total from orders) o;',
    'with bad as (select * from orders where total < 0) select count(*) from bad',
    'select string_agg(distinct reference, $$,$$) from orders order by 1 limit 1',
    'select jsonb_agg(o) from orders o',
    'select my_sum(total) filter (where total > 0) from orders',
    'select percentile_cont(0.5) within group (order by total) from orders',
    'select exists (select from orders where total < 0)',
    'select (select count(*) from orders) = 0',
    'select 1',
    'values (1)',
    'select id from orders where total < 0 union all select count(*) from orders',
    'table orders union select 1',
    'select * from (select count(*) as n from orders where total < 0) t',
    'with bad as (select count(*) as n from orders where total < 0) select n from bad',
    'with a as (select 1), b as (table a) select * from b, (values (1)) v',
    'select count(*) from orders group by ()',
    'select note, count(*) from orders group by rollup (note)',
    'select note, count(*) from orders group by grouping sets ((note), ())',
  ])('refuses one that always returns one: %s', (sql) => {
    expect(checkProblem(sql, 'no-rows')).toMatch(ALWAYS);
    expect(checkProblem(sql, 'same')).toBeUndefined();
  });

  it.each([
    'select 1 where false',
    'select id from orders where total < 0',
    'select count(*) from orders where reference is null having count(*) > 0',
    'select reference, count(*) from orders group by reference having count(*) > 1',
    'select count(*) from orders group by reference',
    'select count(*) over () from orders where total < 0',
    'select (select count(*) from orders o where o.id = c.id) from customers c where c.name is null',
    'select * from (select count(*) as n from orders where total < 0) t where n > 0',
    'select count(*) from orders limit 0',
    'with bad as (select count(*) as n from orders where total < 0) select n from bad where n > 0',
    'with orders as (select count(*) as n from x) select n from public.orders',
    'with orders as (select count(*) as n from x) select n from (with orders as (table x) table orders) t',
    'select t.n, o.id from (select count(*) as n from orders) t, orders o',
    'select unnest(a) from (select array_agg(id) as a from orders where total < 0) t',
    'select count(*) from orders group by note, rollup (total)',
    'select note, count(*) from orders group by rollup (note) having count(*) > 5',
    'select count(*) from orders offset 1',
    'select count(*) from orders except select 0::bigint',
    'select unnest(array[]::int[])',
    'select broken_orders()',
    'table broken',
  ])('may be: %s', (sql) => {
    expect(checkProblem(sql, 'no-rows')).toBeUndefined();
  });
});

describe('a check of any kind', () => {
  it.each([
    ['select id from orders where total < 0 for update', /^locks rows, .*; leave FOR UPDATE or FOR SHARE out$/],
    ['with gone as (delete from orders returning id) select id from gone', /^writes, and a check runs in a read-only/],
    ['select id from orders where total < $1', /^has a parameter \(\$1\), .*; write the value itself$/],
  ])('refuses what could not be run: %s', (sql, why) => {
    expect(checkProblem(sql, 'no-rows')).toMatch(why);
    expect(checkProblem(sql, 'same')).toMatch(why);
  });
});
