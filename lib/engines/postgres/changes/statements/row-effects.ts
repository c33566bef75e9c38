/** What statements do that write rows: blue goes on writing the same tables, and knows nothing of it. */
import type { Effect } from '../../../../core/effects';
import { everyNode, type Node, type Relation, relationOf, type Tree } from '../parse-tree';
import { alwaysTrigger, columnInWords, columnThing, inWords, onlyAsContract, tableThing } from './changed-objects';

const READERS: Readonly<Record<string, (tree: Tree) => Effect[]>> = {
  UpdateStmt: update,
  InsertStmt: (tree) => [
    ...rows(relationOf(tree.relation), (table) => `inserts rows into ${table}, and blue may take their keys`),
    ...derived(relationOf(tree.relation), tree.selectStmt),
  ],
  DeleteStmt: (tree) =>
    rows(relationOf(tree.relation), (table) => `deletes rows of ${table}, and what blue does with them is missed`),
  MergeStmt: (tree) =>
    rows(relationOf(tree.relation), (table) => `merges rows into ${table}, which blue goes on writing`),
  CopyStmt: (tree) =>
    tree.is_from && tree.relation
      ? rows(relationOf(tree.relation), (table) => `copies rows into ${table}, and blue may take their keys`)
      : [],
  TruncateStmt: (tree) =>
    tree.relations.flatMap(({ RangeVar }: Tree) =>
      rows(relationOf(RangeVar), (table) => `empties ${table}, and what blue does with its rows is missed`),
    ),
};

export function rowEffects(statement: Node): Effect[] {
  return Object.entries(statement as Record<string, Tree>).flatMap(([type, tree]) => READERS[type]?.(tree) ?? []);
}

function rows(relation: Relation, reason: (table: string) => string): Effect[] {
  const table = inWords(relation);
  return [
    {
      unless: [tableThing(relation)],
      refusal: onlyAsContract(reason(table)),
      wayBack: STAYS_ON_GREEN,
      takes: `writes rows of ${table}`,
    },
  ];
}

const STAYS_ON_GREEN = {
  is: 'depends',
  why: 'what it writes does not flow back: blue keeps its rows as they were',
} as const;

function update(tree: Tree): Effect[] {
  const relation = relationOf(tree.relation);
  const columns: string[] = (tree.targetList ?? []).map(({ ResTarget }: Tree) => ResTarget.name);
  const table = inWords(relation);
  return [
    ...columns.flatMap((name): Effect[] => [
      {
        unless: [tableThing(relation), columnThing(relation, name)],
        refusal: onlyAsContract(
          `rewrites values of ${columnInWords(relation, name)}, which blue's next update of a row undoes and its later rows come without`,
          'write a column that the changes add',
        ),
        wayBack: STAYS_ON_GREEN,
      },
      {
        unless: [tableThing(relation)],
        provided: [columnThing(relation, name)],
        unlessEver: [alwaysTrigger(relation)],
        condition: `blue's later rows get the default of ${columnInWords(relation, name)}, or what an ENABLE ALWAYS trigger fills in`,
      },
    ]),
    { unless: [tableThing(relation)], takes: `writes rows of ${table}` },
  ];
}

/** Rows that are made of blue's are made once. */
export function derived(relation: Relation, query: Tree): Effect[] {
  const sources = everyNode(query, 'RangeVar').map(relationOf);
  return sources.map((source) => ({
    unless: [tableThing(source)],
    condition: `what blue writes to ${inWords(source)} later does not come into ${inWords(relation)}`,
  }));
}
