/** One difference for every kind of object that belongs to the whole instance. */
import type { SchemaCase } from './schema-cases';

export const ROLE_CASES: readonly SchemaCase[] = [
  { change: 'create role r1', found: { 'role r1': 'only green has it (attributes: inherit)' } },
  {
    seed: 'create role r2',
    change: 'alter role r2 login connection limit 5',
    found: { 'role r2': 'attributes: only green has "login", "connection limit 5"' },
  },
  {
    seed: 'create role r3',
    change: `alter role r3 valid until '2030-01-01 00:00+00'`,
    found: { 'role r3': 'valid until 2030-01-01 00:00:00 UTC' },
  },
  { seed: 'create role r4', change: `comment on role r4 is 'c'`, found: { 'role r4': 'comment' } },
  {
    seed: 'create role r5; create role r5b',
    change: 'grant r5 to r5b',
    found: { 'membership r5 of r5b': 'only green has it' },
  },
  {
    seed: 'create role r6; create role r6b; grant r6 to r6b',
    change: 'grant r6 to r6b with admin option',
    found: { 'membership r6 of r6b': 'options: only green has "admin"' },
  },
  {
    seed: 'create role r7; create role r7b; grant r7 to r7b',
    change: 'grant r7 to r7b with inherit false',
    found: { 'membership r7 of r7b': 'options: only blue has "inherit"' },
    since: 16,
  },
  {
    seed: 'create role r8; create role r8b; grant r8 to r8b',
    change: 'revoke r8 from r8b',
    found: { 'membership r8 of r8b': 'green lacks it' },
  },
  {
    seed: 'create role r9',
    change: 'alter role r9 set search_path = shop',
    found: { 'setting search_path of role r9': 'value: shop' },
  },
  {
    seed: `create role r10; alter role r10 set app.key = 'hidden10'`,
    change: `alter role r10 set app.key = 'hidden11'`,
    found: { 'setting app.key of role r10': 'value differs (its values are not shown)' },
  },
  { change: 'alter role all set work_mem = 8192', found: { 'setting work_mem of all roles': 'value: 8192' } },
  {
    seed: `create role r12; create role r12b; grant r12 to r12b; alter role r12b set work_mem = 64`,
    change: 'drop role r12b',
    found: {
      'role r12b': 'green lacks it',
      'membership r12 of r12b': 'green lacks it',
      'setting work_mem of role r12b': 'green lacks it',
    },
  },
  {
    change: 'grant set on parameter log_min_messages to app',
    found: { 'parameter log_min_messages': 'only green has it' },
  },
];
