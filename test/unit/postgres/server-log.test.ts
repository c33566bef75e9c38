import { logSince } from '../../../lib/engines/postgres/replication/server-log';

const LOG = [
  'lines whose beginning was cut off',
  '2026-03-01 11:59:58 UTC::@:[10]:LOG:  checkpoint starting: time',
  '2026-03-01 12:00:00 UTC::@:[42]:ERROR:  value too long for type character varying(3)',
  '2026-03-01 12:00:00 UTC::@:[42]:CONTEXT:  processing remote data for replication origin "pg_16400"',
  '\tduring message type "INSERT"',
  "2026-03-01 12:00:01 UTC:10.0.0.7(5432):app@shop:[43]:STATEMENT:  create role x password 'secret'",
  "\t  valid until 'secret, too'",
  '2026-03-01 12:00:02 UTC:10.0.0.7(5432):app@shop:[43]:DETAIL:  Key (id)=(1) already exists.',
];

it('gives what was said since a moment, in whole entries', () => {
  expect(logSince(LOG, Date.parse('2026-03-01T12:00:00.700Z'), 100)).toEqual([...LOG.slice(2, 5), LOG[7]]);
  expect(logSince(LOG, 0, 100)).toEqual([...LOG.slice(1, 5), LOG[7]]);
  expect(logSince(LOG, Date.parse('2026-03-01T12:01:00Z'), 100)).toEqual([]);
});

it('gives the last lines where there are too many', () => {
  expect(logSince(LOG, 0, 2)).toEqual([LOG[4], LOG[7]]);
});

it('never gives a statement, nor what continues it', () => {
  expect(logSince(LOG, 0, 100).join('\n')).not.toContain('secret');
});
