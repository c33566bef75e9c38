/** What the commands of an ALTER TABLE declare, and the constraints and sequences that come with a column. */
import type { Declaration } from '../../../../core/declarations';
import { BY_OWNER, only } from '../named-objects';
import { on, type Relation, relationOf, strings, type Tree } from '../parse-tree';

export function alterTable(relation: Relation, commands: readonly Tree[], objectType: string): Declaration[] {
  return commands.flatMap(({ AlterTableCmd: command }) => {
    const kind = KINDS[objectType];
    if (command.subtype === 'AT_ChangeOwner') {
      return only(
        BY_OWNER,
        kind ? [{ kind, ...relation }] : [{ kind: 'table', ...relation }, ...ownedSequence(relation)],
      );
    }
    return kind ? only(['definition'], [{ kind, ...relation }]) : alterCommand(relation, command);
  });
}

const KINDS: Readonly<Record<string, 'index' | 'sequence' | 'type'>> = {
  OBJECT_INDEX: 'index',
  OBJECT_SEQUENCE: 'sequence',
  OBJECT_TYPE: 'type',
};

function alterCommand(relation: Relation, command: Tree): Declaration[] {
  const table = on(relation);
  const definition = command.def?.ColumnDef;
  const column = only(['definition'], [{ kind: 'column', ...table, name: command.name }]);
  switch (command.subtype) {
    case 'AT_AddColumn':
      return [{ kind: 'column', ...table, name: definition.colname }, ...columnParts(relation, definition)];
    case 'AT_DropColumn':
      // constraints, indexes and sequences that need the column go with it
      return [
        { kind: 'column', ...table, name: command.name },
        { kind: 'part', part: 'constraint', ...table },
        { kind: 'part', part: 'index', ...table },
        { kind: 'part', part: 'statistics', ...table },
        ...ownedSequence(relation),
      ];
    case 'AT_AlterColumnType':
      // the server writes definitions that mention the column anew, with the new type's casts, and widens an identity's sequence
      return [
        ...column,
        ...only(
          ['definition'],
          [
            { kind: 'part', part: 'constraint', ...table },
            { kind: 'part', part: 'index', ...table },
            { kind: 'part', part: 'statistics', ...table },
            ...ownedSequence(relation),
          ],
        ),
      ];
    case 'AT_ColumnDefault':
    case 'AT_SetNotNull':
    case 'AT_DropNotNull':
    case 'AT_SetOptions':
    case 'AT_ResetOptions':
    case 'AT_SetStatistics':
    case 'AT_SetStorage':
    case 'AT_SetCompression':
    case 'AT_SetExpression':
    case 'AT_DropExpression':
    case 'AT_AlterColumnGenericOptions':
      return column;
    case 'AT_AddIdentity':
    case 'AT_SetIdentity':
    case 'AT_DropIdentity':
      return [...column, ...ownedSequence(relation)];
    case 'AT_AddConstraint':
      return constraintParts(relation, command.def.Constraint);
    case 'AT_ValidateConstraint':
    case 'AT_AlterConstraint': {
      const name = command.name ?? command.def.ATAlterConstraint.conname;
      return [{ kind: 'part', part: 'constraint', ...table, name }]; // a NOT NULL is told by itself only while it is not valid
    }
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
      return only(['definition'], [{ kind: 'part', part: 'trigger', ...table, name: command.name }]);
    case 'AT_EnableTrigAll':
    case 'AT_DisableTrigAll':
    case 'AT_EnableTrigUser':
    case 'AT_DisableTrigUser':
      return only(
        ['definition'],
        [
          { kind: 'part', part: 'trigger', ...table },
          { kind: 'part', part: 'constraint', ...table },
        ],
      );
    case 'AT_EnableRule':
    case 'AT_EnableAlwaysRule':
    case 'AT_EnableReplicaRule':
    case 'AT_DisableRule':
      return only(['definition'], [{ kind: 'part', part: 'rule', ...table, name: command.name }]);
    case 'AT_ClusterOn':
    case 'AT_ReplicaIdentity':
    case 'AT_DropCluster':
      // of the table and of the index it names, or named before
      return only(
        ['definition'],
        [
          { kind: 'table', ...relation },
          { kind: 'part', part: 'index', ...table },
        ],
      );
    case 'AT_AttachPartition':
    case 'AT_DetachPartition':
      return [wholeRelation(relation), wholeRelation(relationOf(command.def.PartitionCmd.name))];
    default:
      // options of the table itself: row security, storage, parents
      return only(['definition'], [{ kind: 'table', ...relation }]);
  }
}

function columnParts(relation: Relation, definition: Tree): Declaration[] {
  const serial = /serial/.test((definition.typeName?.names ?? []).at(-1)?.String?.sval ?? '');
  return [
    ...(serial ? ownedSequence(relation) : []),
    ...(definition.constraints ?? []).flatMap(({ Constraint: constraint }: Tree) => {
      switch (constraint.contype) {
        case 'CONSTR_IDENTITY':
          return ownedSequence(relation);
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

/** A primary key makes its columns NOT NULL, and so does that constraint by itself; a unique constraint makes an index of the same name. */
function constraintParts(relation: Relation, constraint: Tree): Declaration[] {
  const table = on(relation);
  const name = constraint.conname && { name: constraint.conname };
  const indexed = ['CONSTR_PRIMARY', 'CONSTR_UNIQUE', 'CONSTR_EXCLUSION'].includes(constraint.contype);
  return [
    { kind: 'part', part: 'constraint', ...table, ...name },
    ...(indexed ? [{ kind: 'part', part: 'index', ...table, ...name } as const] : []),
    ...(constraint.indexname ? [{ kind: 'part', part: 'index', ...table, name: constraint.indexname } as const] : []),
    ...(['CONSTR_PRIMARY', 'CONSTR_NOTNULL'].includes(constraint.contype)
      ? only(
          ['definition'],
          strings(constraint.keys).map((key) => ({ kind: 'column', ...table, name: key })),
        )
      : []),
  ];
}

/** The sequence of an identity or serial column: the column owns it. */
function ownedSequence(relation: Relation): Declaration[] {
  return [{ kind: 'part', part: 'sequence', ...on(relation) }];
}

export function wholeRelation(relation: Relation): Declaration {
  return { kind: 'relation', ...relation };
}
