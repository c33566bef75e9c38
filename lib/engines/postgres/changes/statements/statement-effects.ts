/** What a parsed statement does to rows that come from blue, to the way back and to its table. */
import type { Effect } from '../../../../core/effects';
import { everyNode, type Node, qualified, type Relation, relationOf, type Tree } from '../parse-tree';
import { alwaysTrigger, inWords, onlyAsContract, REPLICATION, tableThing, typeThing } from './changed-objects';
import { constraintEffects } from './constraint-effects';
import { drop, move, rename } from './name-effects';
import { derived, rowEffects } from './row-effects';
import { alterTable, attach } from './table-effects';

const UNSEEN: Effect = {
  condition: 'what it does is not seen here; the comparison finds it, and a comment may declare it',
};

/** One reader per type of statement. A type that is not here does nothing to rows that come from blue. */
const READERS: Readonly<Record<string, (tree: Tree) => Effect[]>> = {
  CreateStmt: create,
  CreateForeignTableStmt: ({ base }) => create(base),
  CreateTableAsStmt: ({ into, query, objtype }) => [
    ...(objtype === 'OBJECT_TABLE' ? [{ makes: [tableThing(relationOf(into.rel))] }] : []),
    ...derived(relationOf(into.rel), query),
  ],
  CreateSchemaStmt: ({ schemaname, schemaElts = [] }) =>
    schemaElts.flatMap((element: Tree) => effectsOf(inSchema(schemaname, element))),
  AlterTableStmt: ({ relation, cmds = [], objtype }) => alterTable(relationOf(relation), cmds, objtype),
  AlterTableMoveAllStmt: () => [{ rewrites: 'yes' }],
  ClusterStmt: () => [{ rewrites: 'yes' }],
  RenameStmt: rename,
  AlterObjectSchemaStmt: move,
  DropStmt: drop,
  DropOwnedStmt: () => [
    { refusal: onlyAsContract('drops whatever a role owns, and blue may write to it', 'drop the objects by name') },
  ],
  IndexStmt: index,
  CreateTrigStmt: ({ relation, trigname }) => firesNot(relationOf(relation), 'trigger', trigname),
  RuleStmt: ({ relation, rulename, instead, event }) => [
    ...firesNot(relationOf(relation), 'rule', rulename),
    ...(instead && event !== 'CMD_SELECT' ? insteadOf(relationOf(relation), rulename) : []),
  ],
  ReindexStmt: ({ relation }) => [{ takes: `builds indexes${relation ? ` of ${relation.relname}` : ''} anew` }],
  RefreshMatViewStmt: ({ relation }) => [{ takes: `fills ${relation.relname} anew` }],
  CreateEnumStmt: ({ typeName }) => [{ makes: [typeThing(qualified(typeName))] }],
  CreateRangeStmt: ({ typeName }) => [{ makes: [typeThing(qualified(typeName))] }],
  CompositeTypeStmt: ({ typevar }) => [{ makes: [typeThing(relationOf(typevar))] }],
  AlterEnumStmt: label,
  AlterDomainStmt: ({ subtype, typeName }) =>
    subtype === 'C' || subtype === 'O'
      ? [
          {
            condition: `blue's values must meet the domain ${inWords(qualified(typeName))}: one that does not stops following`,
          },
        ]
      : [
          {
            wayBack: {
              is: 'depends',
              why: `rows flow back as long as they meet ${inWords(qualified(typeName))} as blue has it`,
            },
          },
        ],
  DoStmt: () => [UNSEEN],
  CallStmt: () => [UNSEEN],
  ExecuteStmt: () => [UNSEEN],
  SelectStmt: (tree) => (everyNode(tree, 'FuncCall').length > 0 ? [UNSEEN] : []),
  CreatePublicationStmt: () => [{ refusal: REPLICATION }],
  AlterPublicationStmt: () => [{ refusal: REPLICATION }],
  CreateSubscriptionStmt: () => [{ refusal: REPLICATION }],
  AlterSubscriptionStmt: () => [{ refusal: REPLICATION }],
  DropSubscriptionStmt: () => [{ refusal: REPLICATION }],
};

/** Statements may hold others that are executed as well. */
export function effectsOf(statement: Node): Effect[] {
  return Object.entries(statement as Record<string, Tree>).flatMap(([type, tree]) => [
    ...(READERS[type]?.(tree) ?? []),
    ...rowEffects({ [type]: tree }),
    ...(tree.withClause?.ctes ?? []).flatMap(({ CommonTableExpr: { ctequery } }: Tree) => effectsOf(ctequery)),
    ...(HOLDERS.has(type) && tree.query ? effectsOf(tree.query) : []),
  ]);
}

const HOLDERS: ReadonlySet<string> = new Set(['ExplainStmt', 'PrepareStmt', 'CopyStmt']);

function create(tree: Tree): Effect[] {
  const relation = relationOf(tree.relation);
  const elements: Tree[] = tree.tableElts ?? [];
  const constraints = elements.flatMap(({ ColumnDef: column, Constraint: constraint }) => [
    ...(constraint ? [constraint] : []),
    ...(column?.constraints ?? []).map(({ Constraint }: Tree) => ({
      ...Constraint,
      fk_attrs: [{ String: { sval: column.colname } }],
    })),
  ]);
  return [
    {
      makes: [tableThing(relation)],
      ...(tree.if_not_exists && { condition: `${inWords(relation)} is taken for new; blue must not have it` }),
    },
    ...(tree.partbound ? attach(relationOf(tree.inhRelations[0].RangeVar), relation) : []),
    ...constraints.flatMap((constraint) => constraintEffects(relation, constraint)),
  ];
}

/** What is made in a CREATE SCHEMA is made in that schema. */
function inSchema(schema: string, element: Tree): Node {
  return Object.fromEntries(
    Object.entries(element as Record<string, Tree>).map(([type, tree]) => [
      type,
      tree.relation
        ? { ...tree, relation: { ...tree.relation, schemaname: tree.relation.schemaname ?? schema } }
        : tree,
    ]),
  );
}

function index({ relation, unique, idxname }: Tree): Effect[] {
  const table = relationOf(relation);
  const name = `unique index${idxname === undefined ? '' : ` ${idxname}`}`;
  return [
    { takes: `builds an index on ${inWords(table)}` },
    ...(unique
      ? [
          {
            unless: [tableThing(table)],
            condition: `blue's rows must meet the ${name}: one that does not stops following`,
          },
        ]
      : []),
  ];
}

/** Blue's rows are applied as a replica applies them. */
function firesNot(relation: Relation, kind: 'trigger' | 'rule', name: string): Effect[] {
  return [
    {
      unless: [tableThing(relation)],
      unlessEver: [alwaysTrigger(relation, name)],
      condition: `${kind} ${name} does not fire for rows that come from blue, unless it is set to ENABLE ALWAYS`,
    },
  ];
}

function insteadOf(relation: Relation, rule: string): Effect[] {
  const table = inWords(relation);
  return [
    {
      unless: [tableThing(relation)],
      condition: `once green serves, what is written to ${table} goes where rule ${rule} says INSTEAD, which may be nowhere`,
    },
  ];
}

function label({ typeName, oldVal, newVal }: Tree): Effect[] {
  const type = inWords(qualified(typeName));
  const theirs = { unless: [typeThing(qualified(typeName))] };
  return [
    {
      ...theirs,
      wayBack: { is: 'depends', why: `rows flow back as long as none has the label "${newVal}" of ${type}` },
      ...(oldVal !== undefined && {
        refusal: onlyAsContract(`renames label "${oldVal}" of ${type}, and blue's rows come with that label`),
      }),
    },
  ];
}
