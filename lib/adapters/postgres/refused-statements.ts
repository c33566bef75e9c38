/** Statements a change must not hold, because every file is applied in one transaction together with its ledger entry. */
import type { Node } from './parse-tree';

// biome-ignore lint/suspicious/noExplicitAny: parse trees are JSON whose shape each reader below knows for its own statement
type Tree = any;

const CONCURRENTLY = 'CONCURRENTLY cannot run inside a transaction; leave it out, nobody works on green meanwhile';
const OUTSIDE = 'cannot run inside a transaction, and every file is applied in one, with its ledger entry';

const INTO = 'SELECT ... INTO is not applied here; write CREATE TABLE ... AS SELECT, which does the same';

/** The clause stands in the first of the queries that a set operation joins. */
function makesTable({ intoClause, larg }: Tree): boolean {
  return intoClause !== undefined || (larg !== undefined && makesTable(larg));
}

/** Per type of statement: why it is refused, or undefined when this one is not. */
const READERS: Readonly<Record<string, (tree: Tree) => string | undefined>> = {
  TransactionStmt: () =>
    'transaction control is not allowed; every file is applied in one transaction of its own, with its ledger entry',
  SelectStmt: (tree) => (makesTable(tree) ? INTO : undefined),
  IndexStmt: ({ concurrent }) => (concurrent ? CONCURRENTLY : undefined),
  DropStmt: ({ concurrent }) => (concurrent ? CONCURRENTLY : undefined),
  ReindexStmt: ({ kind, params = [] }) => {
    if (params.some(({ DefElem }: Tree) => DefElem?.defname === 'concurrently')) {
      return CONCURRENTLY;
    }
    return /TABLE|INDEX/.test(kind) ? undefined : `REINDEX of a schema or database ${OUTSIDE}`;
  },
  VacuumStmt: ({ is_vacuumcmd }) => (is_vacuumcmd ? `VACUUM ${OUTSIDE}` : undefined),
  CreatedbStmt: () => `CREATE DATABASE ${OUTSIDE}`,
  DropdbStmt: () => `DROP DATABASE ${OUTSIDE}`,
  AlterSystemStmt: () => `ALTER SYSTEM ${OUTSIDE}`,
  CreateTableSpaceStmt: () => `CREATE TABLESPACE ${OUTSIDE}`,
  DropTableSpaceStmt: () => `DROP TABLESPACE ${OUTSIDE}`,
};

export function whyRefused(statement: Node): string | undefined {
  for (const [type, tree] of Object.entries(statement)) {
    const why = READERS[type]?.(tree);
    if (why) {
      return why;
    }
  }
  return undefined;
}
