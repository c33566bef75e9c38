/** What a parsed statement declares to create, alter, drop or rewrite. */
import type { Declaration } from '../../core/declarations';
import { type Node, on, qualified, type Relation, relationOf, strings, type Tree } from './parse-tree';

/** One reader per type of statement. A type that is not here declares nothing: what it changes shows up as a mismatch. */
const READERS: Readonly<Record<string, (tree: Tree) => Declaration[]>> = {
  CreateStmt: (tree) => [wholeRelation(relationOf(tree.relation))],
  CreateTableAsStmt: (tree) => [wholeRelation(relationOf(tree.into.rel))],
  ViewStmt: (tree) => [wholeRelation(relationOf(tree.view))],
  AlterTableStmt: (tree) => alterTable(relationOf(tree.relation), tree.cmds ?? [], tree.objtype),
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
  return Object.entries(statement).flatMap(([type, tree]) => READERS[type]?.(tree) ?? []);
}

function alterTable(relation: Relation, commands: readonly Tree[], objectType: string): Declaration[] {
  if (objectType === 'OBJECT_INDEX') {
    return [{ kind: 'index', ...relation }];
  }
  if (objectType === 'OBJECT_SEQUENCE') {
    return [{ kind: 'sequence', ...relation }];
  }
  return commands.flatMap(({ AlterTableCmd: command }) => alterCommand(relation, command));
}

function alterCommand(relation: Relation, command: Tree): Declaration[] {
  const table = on(relation);
  const definition = command.def?.ColumnDef;
  switch (command.subtype) {
    case 'AT_AddColumn':
      return [{ kind: 'column', ...table, name: definition.colname }, ...columnParts(relation, definition)];
    case 'AT_DropColumn':
      // constraints, indexes and sequences that need the column go with it
      return [
        { kind: 'column', ...table, name: command.name },
        { kind: 'part', part: 'constraint', ...table },
        { kind: 'part', part: 'index', ...table },
        ...identitySequence(relation, command.name),
      ];
    case 'AT_AlterColumnType':
      // the server writes definitions that mention the column anew, with the new type's casts, and widens an identity's sequence
      return [
        { kind: 'column', ...table, name: command.name },
        { kind: 'part', part: 'constraint', ...table },
        { kind: 'part', part: 'index', ...table },
        ...identitySequence(relation, command.name),
      ];
    case 'AT_ColumnDefault':
    case 'AT_SetNotNull':
    case 'AT_DropNotNull':
    case 'AT_SetOptions':
    case 'AT_SetExpression':
    case 'AT_DropExpression':
      return [{ kind: 'column', ...table, name: command.name }];
    case 'AT_AddIdentity':
    case 'AT_SetIdentity':
    case 'AT_DropIdentity':
      return [{ kind: 'column', ...table, name: command.name }, ...identitySequence(relation, command.name)];
    case 'AT_AddConstraint':
      return constraintParts(relation, command.def.Constraint);
    case 'AT_ValidateConstraint':
    case 'AT_AlterConstraint':
    case 'AT_DropConstraint':
      return [
        { kind: 'part', part: 'constraint', ...table, name: command.name },
        { kind: 'part', part: 'index', ...table, name: command.name },
        { kind: 'index', ...(relation.schema !== undefined && { schema: relation.schema }), name: command.name },
      ];
    case 'AT_EnableTrig':
    case 'AT_EnableAlwaysTrig':
    case 'AT_EnableReplicaTrig':
    case 'AT_DisableTrig':
      return [{ kind: 'part', part: 'trigger', ...table, name: command.name }];
    case 'AT_AttachPartition':
    case 'AT_DetachPartition':
      return [wholeRelation(relation), wholeRelation(relationOf(command.def.PartitionCmd.name))];
    default:
      // options of the table itself: owner, row security, replica identity, storage
      return [{ kind: 'table', ...relation }];
  }
}

function columnParts(relation: Relation, definition: Tree): Declaration[] {
  const serial = /serial/.test((definition.typeName?.names ?? []).at(-1)?.String?.sval ?? '');
  return [
    ...(serial ? identitySequence(relation, definition.colname) : []),
    ...(definition.constraints ?? []).flatMap(({ Constraint: constraint }: Tree) => {
      switch (constraint.contype) {
        case 'CONSTR_IDENTITY':
          return identitySequence(relation, definition.colname);
        case 'CONSTR_NULL':
        case 'CONSTR_NOTNULL':
        case 'CONSTR_DEFAULT':
        case 'CONSTR_GENERATED':
          return [];
        default:
          return constraintParts(relation, constraint);
      }
    }),
  ];
}

/** A primary key makes its columns NOT NULL; a unique constraint makes an index of the same name. */
function constraintParts(relation: Relation, constraint: Tree): Declaration[] {
  const table = on(relation);
  const name = constraint.conname && { name: constraint.conname };
  const indexed = ['CONSTR_PRIMARY', 'CONSTR_UNIQUE', 'CONSTR_EXCLUSION'].includes(constraint.contype);
  return [
    { kind: 'part', part: 'constraint', ...table, ...name },
    ...(indexed ? [{ kind: 'part', part: 'index', ...table, ...name } as const] : []),
    ...(constraint.indexname ? [{ kind: 'part', part: 'index', ...table, name: constraint.indexname } as const] : []),
    ...(constraint.contype === 'CONSTR_PRIMARY'
      ? strings(constraint.keys).map((key) => ({ kind: 'column', ...table, name: key }) as const)
      : []),
  ];
}

/** The server names such a sequence `<table>_<column>_seq`, cut to 63 bytes. */
function identitySequence(relation: Relation, column: string): Declaration[] {
  return [
    {
      kind: 'sequence',
      ...(relation.schema !== undefined && { schema: relation.schema }),
      name: `${relation.name}_${column}_seq`.slice(0, 63),
    },
  ];
}

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

function assigned(relation: Relation, targets: readonly Tree[] | undefined): Declaration[] {
  return (targets ?? []).map(({ ResTarget }) => ({ kind: 'values', ...on(relation), column: ResTarget.name }));
}

function wholeRelation(relation: Relation): Declaration {
  return { kind: 'relation', ...relation };
}
