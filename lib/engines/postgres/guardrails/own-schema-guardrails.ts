/** What must hold of the schema the product keeps its own tables in: it is not somebody else's, and nobody else put anything into it. */

import {
  MARK,
  NOT_OURS,
  OWN_TRIGGER,
  OWN_TRIGGER_NAMES,
  SCHEMA,
  SCHEMA_STATE,
  UNMARKED_LEDGER,
} from '../run-record/own-schema';
import type { Guardrail } from './guardrail';

export const OWN_SCHEMA_GUARDRAILS: readonly Guardrail[] = [
  {
    sql: `select s.marked::text as what from (${SCHEMA_STATE}) s where not (s.marked or s."bareLedger")`,
    reason: () => NOT_OURS,
  },
  {
    // rows, array and multirange types, indexes and the sequences of identity columns belong to what they came with
    sql: `select pg_describe_object(d.classid, d.objid, 0) as what from (${SCHEMA_STATE}) s
            join pg_depend d on d.refclassid = 'pg_namespace'::regclass and d.refobjid = to_regnamespace('${SCHEMA}') and d.deptype = 'n'
           where s.marked and obj_description(d.objid, (select relname from pg_class where oid = d.classid)) is distinct from '${MARK}'
             and not exists (select from pg_class c where d.classid = 'pg_class'::regclass and c.oid = d.objid and ${UNMARKED_LEDGER})
             and not exists (select from pg_depend part where part.classid = d.classid and part.objid = d.objid and part.deptype in ('i', 'a', 'e')
                                and part.refclassid <> 'pg_namespace'::regclass)
           order by 1`,
    reason: ({ what }) =>
      `${what} was not made by this product, to which the schema belongs: it would neither follow nor be compared; move it with ALTER … SET SCHEMA, or drop it`,
  },
  {
    sql: `select quote_ident(t.tgname) as what, t.tgrelid::regclass::text as "table" from pg_trigger t
           where t.tgname = any ($1) and not t.tgisinternal and not ${OWN_TRIGGER} order by 2`,
    values: [OWN_TRIGGER_NAMES],
    reason: ({ what, table }) =>
      `trigger ${what} on table ${table} was not made by this product, which needs the name; ALTER TRIGGER ${what} ON ${table} RENAME TO another name`,
  },
];
