/** Where a parsed statement leads green's tables away from blue's. What a parser cannot see into is found on green itself, later. */

import type { ReplicaIdentity } from '../../replication/replicated-table';
import type { Departure, NewColumn } from '../../way-back/departures';
import { type Node, on, qualified, type Relation, relationOf, strings, type Tree } from '../parse-tree';
import { typeReference, usingOf } from '../type-names';

/** One reader per type of statement that alters tables. */
const READERS: Readonly<Record<string, (tree: Tree) => Departure[]>> = {
  CreateStmt: create,
  ViewStmt: (tree) => [{ kind: 'relation-created', relation: 'view', ...on(relationOf(tree.view)), columns: [] }],
  AlterTableStmt: (tree) =>
    tree.objtype === 'OBJECT_TABLE'
      ? tree.cmds.flatMap(({ AlterTableCmd }: Tree) => alter(relationOf(tree.relation), AlterTableCmd))
      : [],
  IndexStmt: (tree) => (tree.unique && !tree.whereClause ? uniqueIndex(relationOf(tree.relation), tree) : []),
  RenameStmt: rename,
  AlterObjectSchemaStmt: (tree) =>
    tree.objectType === 'OBJECT_TABLE'
      ? [{ kind: 'table-moved', ...on(relationOf(tree.relation)), to: tree.newschema }]
      : [],
  AlterEnumStmt: (tree) => {
    const { schema, name } = qualified(tree.typeName);
    return [{ kind: 'label-added', ...(schema !== undefined && { schema }), type: name, label: tree.newVal }];
  },
  DropStmt: drop,
  CreateEnumStmt: ({ typeName }) => [typeMade(typeName, 'labels')],
  CreateDomainStmt: ({ domainname, typeName }) => [typeMade(domainname, typeReference(typeName))],
};

export function departuresOf(statement: Node): Departure[] {
  return Object.entries(statement as Record<string, Tree>).flatMap(([type, tree]) => READERS[type]?.(tree) ?? []);
}

function typeMade(names: readonly Tree[], of: Extract<Departure, { kind: 'type-made' }>['of']): Departure {
  const { schema, name } = qualified(names);
  return { kind: 'type-made', ...(schema !== undefined && { schema }), name, of };
}

function create(tree: Tree): Departure[] {
  const elements: Tree[] = tree.tableElts ?? [];
  const partitionOf = tree.partbound && tree.inhRelations[0].RangeVar;
  // columns that come from elsewhere are not known here
  const complete = partitionOf || (!tree.inhRelations && elements.every((one) => one.ColumnDef || one.Constraint));
  if (tree.relation.relpersistence === 't' || !complete) {
    return [];
  }
  const relation = relationOf(tree.relation);
  const definitions = elements.flatMap(({ ColumnDef: definition }) => (definition ? [definition] : []));
  const constraints = elements.flatMap(({ Constraint: constraint }) => (constraint ? [constraint] : []));
  return [
    {
      kind: 'relation-created',
      relation: tree.partspec ? 'partitioned table' : 'table',
      ...on(relation),
      columns: definitions.map(newColumn),
      ...(partitionOf && { partitionOf: on(relationOf(partitionOf)) }),
    },
    ...definitions.flatMap((definition) => keysOfColumn(relation, definition)),
    ...constraints.flatMap((constraint) => keyOf(relation, constraint)),
  ];
}

function alter(relation: Relation, command: Tree): Departure[] {
  const table = on(relation);
  const { name } = command;
  const definition = command.def?.ColumnDef;
  switch (command.subtype) {
    case 'AT_AddColumn':
      return [{ kind: 'column-added', ...table, column: newColumn(definition) }, ...keysOfColumn(relation, definition)];
    case 'AT_DropColumn':
      return [{ kind: 'column-dropped', ...table, name }];
    case 'AT_AlterColumnType':
      return [retyped(table, name, definition)];
    case 'AT_SetNotNull':
    case 'AT_DropNotNull':
      return [{ kind: 'column-constrained', ...table, name, notNull: command.subtype === 'AT_SetNotNull' }];
    case 'AT_AddConstraint':
      return keyOf(relation, command.def.Constraint);
    case 'AT_DropConstraint':
      return [{ kind: 'constraint-dropped', ...table, name }];
    case 'AT_ReplicaIdentity':
      return [{ kind: 'identity-set', ...table, identity: identityOf(command.def.ReplicaIdentityStmt) }];
    case 'AT_AttachPartition':
      return [{ kind: 'partition-attached', ...on(relationOf(command.def.PartitionCmd.name)), partitionOf: table }];
    default:
      return [];
  }
}

const EXACT_COLLATIONS: ReadonlySet<string> = new Set(['C', 'POSIX', 'default', 'ucs_basic', 'unicode']);

function retyped(table: { schema?: string; table: string }, name: string, definition: Tree): Departure {
  const using = usingOf(name, definition);
  return {
    kind: 'column-retyped',
    ...table,
    name,
    type: typeName(definition),
    to: typeReference(definition.typeName),
    ...(using && { using }),
    collated:
      definition.collClause !== undefined &&
      !EXACT_COLLATIONS.has(strings(definition.collClause.collname).at(-1) ?? ''),
  };
}

function newColumn(definition: Tree): NewColumn {
  const kinds: string[] = (definition.constraints ?? []).map(({ Constraint }: Tree) => Constraint.contype);
  const serial = /serial/.test(typeName(definition));
  const has = (...wanted: string[]) => wanted.some((kind) => kinds.includes(kind));
  return {
    name: definition.colname,
    type: typeName(definition),
    notNull: serial || has('CONSTR_NOTNULL', 'CONSTR_PRIMARY', 'CONSTR_IDENTITY'),
    filled: serial || has('CONSTR_DEFAULT', 'CONSTR_IDENTITY'),
    generated: has('CONSTR_GENERATED'),
  };
}

function typeName(definition: Tree): string {
  return strings(definition.typeName?.names).join('.');
}

function keysOfColumn(relation: Relation, { colname, constraints }: Tree): Departure[] {
  return (constraints ?? []).flatMap(({ Constraint: constraint }: Tree) =>
    keyOf(relation, { ...constraint, keys: [{ String: { sval: colname } }] }),
  );
}

/** A key that is checked at the end of a transaction identifies no row. */
function keyOf(relation: Relation, constraint: Tree): Departure[] {
  const key = KEYS[constraint.contype];
  if (!key || constraint.deferrable) {
    return [];
  }
  return [
    {
      kind: 'key-added',
      ...on(relation),
      key,
      ...(constraint.conname && { name: constraint.conname }),
      columns: constraint.indexname ? { index: constraint.indexname } : strings(constraint.keys),
    },
  ];
}

const KEYS: Readonly<Record<string, 'primary' | 'unique'>> = { CONSTR_PRIMARY: 'primary', CONSTR_UNIQUE: 'unique' };

function uniqueIndex(relation: Relation, { idxname, indexParams }: Tree): Departure[] {
  const columns: (string | undefined)[] = indexParams.map(({ IndexElem }: Tree) => IndexElem.name);
  return columns.every((column) => column !== undefined)
    ? [{ kind: 'key-added', ...on(relation), key: 'unique', ...(idxname && { name: idxname }), columns }]
    : [];
}

function identityOf({ identity_type: type, name }: Tree): ReplicaIdentity {
  return type === 'i' ? { index: name } : (IDENTITIES[type] ?? 'default');
}

const IDENTITIES: Readonly<Record<string, ReplicaIdentity>> = { d: 'default', f: 'full', n: 'nothing' };

function rename(tree: Tree): Departure[] {
  const to = tree.newname;
  switch (tree.renameType) {
    case 'OBJECT_COLUMN':
      return [{ kind: 'column-renamed', ...on(relationOf(tree.relation)), name: tree.subname, to }];
    case 'OBJECT_TABLE':
      return [{ kind: 'table-renamed', ...on(relationOf(tree.relation)), to }];
    case 'OBJECT_SCHEMA':
      return [{ kind: 'schema-renamed', schema: tree.subname, to }];
    default:
      return [];
  }
}

function drop(tree: Tree): Departure[] {
  return tree.objects.flatMap((object: Tree): Departure[] => {
    const relation = qualified(object.List?.items ?? []);
    switch (tree.removeType) {
      case 'OBJECT_TABLE':
        return [{ kind: 'table-dropped', ...on(relation) }];
      case 'OBJECT_INDEX':
        return [{ kind: 'index-dropped', ...relation }];
      default:
        return [];
    }
  });
}
