/** Statements a change must not hold, because every file is applied in one transaction together with its ledger entry. */
import { everyNode, type Node, type Tree } from './parse-tree';

const CONCURRENTLY = 'CONCURRENTLY cannot run inside a transaction; leave it out, nobody works on green meanwhile';
const OUTSIDE = 'cannot run inside a transaction, and every file is applied in one, with its ledger entry';
const CONTROL =
  'transaction control is not allowed; every file is applied in one transaction of its own, with its ledger entry';
const INTO = 'SELECT ... INTO is not applied here; write CREATE TABLE ... AS SELECT, which does the same';
const FROM_A_CLIENT =
  'COPY from STDIN or to STDOUT exchanges rows with a client, and a file is applied by the server itself; write the rows as INSERT ... VALUES';
const AFTERWARDS = 'do it in production after the run';

/** The clause stands in the first of the queries that a set operation joins. */
function makesTable({ intoClause, larg }: Tree): boolean {
  return intoClause !== undefined || (larg !== undefined && makesTable(larg));
}

/** As the server reads it: an option without value is on. */
function optionOf(tree: Tree, name: string): boolean | undefined {
  const option = (tree.options ?? tree.params ?? []).find(({ DefElem }: Tree) => DefElem?.defname === name)?.DefElem;
  const { String: text, Integer: number, Boolean: truth } = option?.arg ?? {};
  if (!option?.arg) {
    return option && true;
  }
  return text ? !/^(f|fa|fal|fals|false|n|no|of|off|0)$/i.test(text.sval) : Boolean(number?.ival ?? truth?.boolval);
}

/** Per type of statement: why it is refused, or undefined when this one is not. `before` are those of the file that come first. */
const READERS: Readonly<Record<string, (tree: Tree, before: readonly Node[]) => string | undefined>> = {
  TransactionStmt: () => CONTROL,
  CopyStmt: ({ filename }) => (filename === undefined ? FROM_A_CLIENT : undefined),
  VariableSetStmt: ({ kind, name = '' }) =>
    OF_THE_TRANSACTION.test(name) && kind !== 'VAR_SET_CURRENT' ? CONTROL : undefined,
  SelectStmt: (tree) => (makesTable(tree) ? INTO : undefined),
  IndexStmt: ({ concurrent }) => (concurrent ? CONCURRENTLY : undefined),
  DropStmt: ({ concurrent }) => (concurrent ? CONCURRENTLY : undefined),
  AlterTableStmt: ({ cmds = [] }) =>
    cmds.some(({ AlterTableCmd }: Tree) => AlterTableCmd.def?.PartitionCmd?.concurrent) ? CONCURRENTLY : undefined,
  CreateSchemaStmt: ({ schemaElts = [] }, before) =>
    schemaElts.map((element: Node) => whyRefused(element, before)).find((why?: string) => why !== undefined),
  ReindexStmt: (tree) => {
    if (optionOf(tree, 'concurrently')) {
      return CONCURRENTLY;
    }
    return /_(TABLE|INDEX)$/.test(tree.kind)
      ? undefined
      : `REINDEX of a schema or database ${OUTSIDE}; name its tables, one REINDEX TABLE each`;
  },
  VacuumStmt: ({ is_vacuumcmd }) =>
    is_vacuumcmd ? `VACUUM ${OUTSIDE}; leave it to autovacuum, or ${AFTERWARDS}` : undefined,
  ClusterStmt: ({ relation }) =>
    relation ? undefined : `CLUSTER of all tables ${OUTSIDE}; name the tables, one CLUSTER each`,
  DiscardStmt: ({ target }) =>
    target === 'DISCARD_ALL'
      ? `DISCARD ALL ${OUTSIDE}; leave it out, every file begins in a session of its own`
      : undefined,
  CreatedbStmt: () => `CREATE DATABASE ${OUTSIDE}; ${AFTERWARDS}`,
  DropdbStmt: () => `DROP DATABASE ${OUTSIDE}; ${AFTERWARDS}`,
  AlterDatabaseStmt: (tree) =>
    optionOf(tree, 'tablespace') === undefined
      ? undefined
      : `ALTER DATABASE ... SET TABLESPACE ${OUTSIDE}; ${AFTERWARDS}`,
  AlterSystemStmt: () => `ALTER SYSTEM ${OUTSIDE}; set the parameter in the instance's parameter group`,
  CreateTableSpaceStmt: () => `CREATE TABLESPACE ${OUTSIDE}; ${AFTERWARDS}`,
  DropTableSpaceStmt: () => `DROP TABLESPACE ${OUTSIDE}; ${AFTERWARDS}`,
  CreateSubscriptionStmt: (tree) =>
    (optionOf(tree, 'create_slot') ?? optionOf(tree, 'connect') ?? true)
      ? `CREATE SUBSCRIPTION that makes its slot ${OUTSIDE}; add WITH (create_slot = false), or ${AFTERWARDS}`
      : undefined,
  AlterSubscriptionStmt: alteredSubscription,
  DropSubscriptionStmt: ({ subname }, before) =>
    before.some((statement) => leavesItsSlot(statement, subname))
      ? undefined
      : `DROP SUBSCRIPTION that drops its slot, too, ${OUTSIDE}; ALTER SUBSCRIPTION ... SET (slot_name = NONE) first, or ${AFTERWARDS}`,
};

/** They hold for the ledger entry, too, or come too late. */
const OF_THE_TRANSACTION = /^transaction( snapshot|_read_only|_isolation|_deferrable)?$/i;

function alteredSubscription(tree: Tree): string | undefined {
  const { kind } = tree;
  if (kind === 'ALTER_SUBSCRIPTION_REFRESH') {
    return `ALTER SUBSCRIPTION ... REFRESH PUBLICATION ${OUTSIDE}; ${AFTERWARDS}`;
  }
  if (/_PUBLICATION$/.test(kind)) {
    return (optionOf(tree, 'refresh') ?? true)
      ? `ALTER SUBSCRIPTION ... PUBLICATION that refreshes ${OUTSIDE}; add WITH (refresh = false), or ${AFTERWARDS}`
      : undefined;
  }
  if (optionOf(tree, 'failover') !== undefined) {
    return `ALTER SUBSCRIPTION ... SET (failover) ${OUTSIDE}; ${AFTERWARDS}`;
  }
  return optionOf(tree, 'two_phase') === false
    ? `ALTER SUBSCRIPTION ... SET (two_phase = false) ${OUTSIDE}; ${AFTERWARDS}`
    : undefined;
}

function leavesItsSlot({ AlterSubscriptionStmt: tree }: Tree, subscription: string): boolean {
  return (
    tree?.subname === subscription &&
    (tree.options ?? []).some(
      ({ DefElem }: Tree) => DefElem.defname === 'slot_name' && DefElem.arg?.String?.sval.toLowerCase() === 'none',
    )
  );
}

/** The server lets nobody use a label before the transaction that added it is over; from 17 on unless that made the type as well. */
function usesNewLabel(statement: Node, before: readonly Node[]): string | undefined {
  const labels = before.flatMap(({ AlterEnumStmt: tree }: Tree) =>
    tree?.newVal && tree.oldVal === undefined ? [tree.newVal] : [],
  );
  const used = everyNode(statement, 'A_Const').find(({ sval }) => labels.includes(sval?.sval))?.sval.sval;
  return used === undefined
    ? undefined
    : `uses "${used}", and a label that ALTER TYPE ... ADD VALUE adds cannot be used in the same transaction, and every file is applied in one; put ADD VALUE into a file of its own, before this one`;
}

/** @param before the statements of the same file that come before it */
export function whyRefused(statement: Node, before: readonly Node[] = []): string | undefined {
  for (const [type, tree] of Object.entries(statement)) {
    const why = READERS[type]?.(tree, before);
    if (why) {
      return why;
    }
  }
  return usesNewLabel(statement, before);
}
