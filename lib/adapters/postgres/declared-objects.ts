/** What a parsed statement declares to create, alter, drop or rewrite. */
import type { Declaration } from '../../core/declarations';
import { alterTable, wholeRelation } from './declared-alterations';
import { type Node, on, qualified, type Relation, relationOf, strings, type Tree } from './parse-tree';

/** One reader per type of statement. A type that is not here declares nothing: what it changes shows up as a mismatch. */
const READERS: Readonly<Record<string, (tree: Tree) => Declaration[]>> = {
  CreateStmt: (tree) => [wholeRelation(relationOf(tree.relation))],
  CreateTableAsStmt: (tree) => [wholeRelation(relationOf(tree.into.rel))],
  ViewStmt: (tree) => [wholeRelation(relationOf(tree.view))],
  AlterTableStmt: (tree) => alterTable(relationOf(tree.relation), tree.cmds ?? [], tree.objtype),
  AlterObjectSchemaStmt: moveToSchema,
  RenameStmt: rename,
  IndexStmt: (tree) => [
    { kind: 'part', part: 'index', ...on(relationOf(tree.relation)), ...(tree.idxname && { name: tree.idxname }) },
  ],
  CreateTrigStmt: (tree) => [{ kind: 'part', part: 'trigger', ...on(relationOf(tree.relation)), name: tree.trigname }],
  CreatePolicyStmt: (tree) => [{ kind: 'part', part: 'policy', ...on(relationOf(tree.table)), name: tree.policy_name }],
  AlterPolicyStmt: (tree) => [{ kind: 'part', part: 'policy', ...on(relationOf(tree.table)), name: tree.policy_name }],
  CreateSeqStmt: (tree) => [{ kind: 'sequence', ...relationOf(tree.sequence) }],
  AlterSeqStmt: (tree) => [{ kind: 'sequence', ...relationOf(tree.sequence) }],
  CreateFunctionStmt: (tree) => [{ kind: 'routine', ...qualified(tree.funcname) }],
  DefineStmt: (tree) => (tree.kind === 'OBJECT_AGGREGATE' ? [{ kind: 'routine', ...qualified(tree.defnames) }] : []),
  AlterFunctionStmt: (tree) => [{ kind: 'routine', ...qualified(tree.func.objname) }],
  CreateEnumStmt: (tree) => [{ kind: 'type', ...qualified(tree.typeName) }],
  AlterEnumStmt: (tree) => [{ kind: 'type', ...qualified(tree.typeName) }],
  CreateDomainStmt: (tree) => [{ kind: 'type', ...qualified(tree.domainname) }],
  AlterDomainStmt: (tree) => [{ kind: 'type', ...qualified(tree.typeName) }],
  CreateRangeStmt: (tree) => [{ kind: 'type', ...qualified(tree.typeName) }],
  CompositeTypeStmt: (tree) => [{ kind: 'type', ...relationOf(tree.typevar) }],
  CreateSchemaStmt: (tree) => [{ kind: 'schema', name: tree.schemaname }],
  CreateExtensionStmt: (tree) => [{ kind: 'extension', name: tree.extname }],
  AlterExtensionStmt: (tree) => [{ kind: 'extension', name: tree.extname }],
  DropStmt: drop,
  GrantStmt: grant,
  AlterOwnerStmt: (tree) => (tree.relation ? [wholeRelation(relationOf(tree.relation))] : []),
  UpdateStmt: (tree) => assigned(relationOf(tree.relation), tree.targetList),
  InsertStmt: (tree) => [
    { kind: 'rows', ...on(relationOf(tree.relation)) },
    ...assigned(relationOf(tree.relation), tree.onConflictClause?.targetList),
  ],
  DeleteStmt: (tree) => [{ kind: 'rows', ...on(relationOf(tree.relation)) }],
  MergeStmt: (tree) => [{ kind: 'rows', ...on(relationOf(tree.relation)) }],
  CopyStmt: (tree) => (tree.is_from && tree.relation ? [{ kind: 'rows', ...on(relationOf(tree.relation)) }] : []),
  TruncateStmt: (tree) => tree.relations.map(({ RangeVar }: Tree) => ({ kind: 'rows', ...on(relationOf(RangeVar)) })),
};

export function declaredBy(statement: Node): Declaration[] {
  return Object.entries(statement as Record<string, Tree>).flatMap(([type, tree]) => [
    ...(READERS[type]?.(tree) ?? []),
    ...(tree.withClause?.ctes ?? []).flatMap(({ CommonTableExpr: { ctequery } }: Tree) => declaredBy(ctequery)),
  ]);
}

/** The object is gone from one schema and there in the other. */
function moveToSchema(tree: Tree): Declaration[] {
  const from = tree.relation
    ? relationOf(tree.relation)
    : qualified(tree.object?.ObjectWithArgs?.objname ?? tree.object?.List?.items ?? []);
  const kind = MOVED_KINDS[tree.objectType];
  return kind === undefined
    ? []
    : [
        { kind, ...from },
        { kind, schema: tree.newschema, name: from.name },
      ];
}

const MOVED_KINDS: Readonly<Record<string, 'relation' | 'sequence' | 'routine' | 'type'>> = {
  OBJECT_TABLE: 'relation',
  OBJECT_VIEW: 'relation',
  OBJECT_MATVIEW: 'relation',
  OBJECT_FOREIGN_TABLE: 'relation',
  OBJECT_SEQUENCE: 'sequence',
  OBJECT_FUNCTION: 'routine',
  OBJECT_PROCEDURE: 'routine',
  OBJECT_ROUTINE: 'routine',
  OBJECT_AGGREGATE: 'routine',
  OBJECT_TYPE: 'type',
  OBJECT_DOMAIN: 'type',
};

function rename(tree: Tree): Declaration[] {
  const names: string[] = [tree.subname, tree.newname];
  if (tree.relation === undefined) {
    const object = qualified(tree.object?.ObjectWithArgs?.objname ?? tree.object?.List?.items ?? []);
    const kind =
      tree.renameType === 'OBJECT_TYPE' || tree.renameType === 'OBJECT_DOMAIN'
        ? 'type'
        : tree.renameType === 'OBJECT_SCHEMA'
          ? 'schema'
          : 'routine';
    const schema = object.schema !== undefined && { schema: object.schema };
    return [object.name || tree.subname, tree.newname].map((name) => ({ kind, ...schema, name }));
  }
  const relation = relationOf(tree.relation);
  const table = on(relation);
  const schema = relation.schema !== undefined && { schema: relation.schema };
  switch (tree.renameType) {
    case 'OBJECT_COLUMN':
      return [
        ...names.map((name) => ({ kind: 'column', ...table, name }) as const),
        { kind: 'part', part: 'constraint', ...table },
        { kind: 'part', part: 'index', ...table },
      ];
    case 'OBJECT_TABCONSTRAINT':
      return names.flatMap((name) => [
        { kind: 'part', part: 'constraint', ...table, name } as const,
        { kind: 'part', part: 'index', ...table, name } as const,
      ]);
    case 'OBJECT_TRIGGER':
    case 'OBJECT_POLICY': {
      const part = tree.renameType === 'OBJECT_TRIGGER' ? 'trigger' : 'policy';
      return names.map((name) => ({ kind: 'part', part, ...table, name }));
    }
    case 'OBJECT_INDEX':
      return [relation.name, tree.newname].map((name) => ({ kind: 'index', ...schema, name }));
    case 'OBJECT_SEQUENCE':
      return [relation.name, tree.newname].map((name) => ({ kind: 'sequence', ...schema, name }));
    case 'OBJECT_ATTRIBUTE':
      return [{ kind: 'type', ...relation }];
    default:
      return [wholeRelation(relation), { kind: 'relation', ...schema, name: tree.newname }];
  }
}

function drop(tree: Tree): Declaration[] {
  return tree.objects.flatMap((object: Tree): Declaration[] => {
    const names = strings(object.List?.items ?? object.ObjectWithArgs?.objname ?? object.TypeName?.names ?? [object]);
    const name = names.at(-1) ?? '';
    const schema = (index: number) => (names.at(index) !== undefined ? { schema: names.at(index) as string } : {});
    switch (tree.removeType) {
      case 'OBJECT_TABLE':
      case 'OBJECT_VIEW':
      case 'OBJECT_MATVIEW':
      case 'OBJECT_FOREIGN_TABLE':
        return [{ kind: 'relation', ...schema(-2), name }];
      case 'OBJECT_INDEX':
        return [{ kind: 'index', ...schema(-2), name }];
      case 'OBJECT_SEQUENCE':
        return [{ kind: 'sequence', ...schema(-2), name }];
      case 'OBJECT_TYPE':
      case 'OBJECT_DOMAIN':
        return [{ kind: 'type', ...schema(-2), name }];
      case 'OBJECT_FUNCTION':
      case 'OBJECT_PROCEDURE':
      case 'OBJECT_ROUTINE':
      case 'OBJECT_AGGREGATE':
        return [{ kind: 'routine', ...schema(-2), name }];
      case 'OBJECT_TRIGGER':
      case 'OBJECT_POLICY':
        return [
          {
            kind: 'part',
            part: tree.removeType === 'OBJECT_TRIGGER' ? 'trigger' : 'policy',
            ...schema(-3),
            table: names.at(-2) ?? '',
            name,
          },
        ];
      case 'OBJECT_SCHEMA':
        return [{ kind: 'schema', name }];
      case 'OBJECT_EXTENSION':
        return [{ kind: 'extension', name }];
      default:
        return [];
    }
  });
}

/** A grant shows in the definition of what it is granted on. */
function grant(tree: Tree): Declaration[] {
  const everyObject = GRANTED_KINDS[tree.objtype];
  if (tree.targtype === 'ACL_TARGET_ALL_IN_SCHEMA' && everyObject) {
    return strings(tree.objects).map((schema) => ({ kind: 'all', objects: everyObject, schema }));
  }
  return (tree.objects ?? []).flatMap((object: Tree): Declaration[] => {
    if (object.RangeVar) {
      const relation = relationOf(object.RangeVar);
      const columns = (tree.privileges ?? []).flatMap(({ AccessPriv }: Tree) => strings(AccessPriv?.cols ?? []));
      const sequence = { kind: 'sequence', ...relation } as const;
      return [
        { kind: 'table', ...relation },
        sequence,
        ...columns.map((name: string) => ({ kind: 'column', ...on(relation), name }) as const),
      ];
    }
    const name = object.String?.sval;
    return name !== undefined && tree.objtype === 'OBJECT_SCHEMA'
      ? [{ kind: 'schema', name }]
      : object.ObjectWithArgs
        ? [{ kind: 'routine', ...qualified(object.ObjectWithArgs.objname) }]
        : [];
  });
}

const GRANTED_KINDS: Readonly<Record<string, 'table' | 'sequence' | 'routine'>> = {
  OBJECT_TABLE: 'table',
  OBJECT_SEQUENCE: 'sequence',
  OBJECT_FUNCTION: 'routine',
  OBJECT_PROCEDURE: 'routine',
  OBJECT_ROUTINE: 'routine',
};

function assigned(relation: Relation, targets: readonly Tree[] | undefined): Declaration[] {
  return (targets ?? []).map(({ ResTarget }) => ({ kind: 'values', ...on(relation), column: ResTarget.name }));
}
