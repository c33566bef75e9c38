/** What the commands of an ALTER TABLE declare, and the constraints and sequences that come with a column. */
import type { Declaration } from '../../core/declarations';
import { on, type Relation, relationOf, strings, type Tree } from './parse-tree';

export function alterTable(relation: Relation, commands: readonly Tree[], objectType: string): Declaration[] {
  if (objectType === 'OBJECT_INDEX') {
    return [{ kind: 'index', ...relation }];
  }
  if (objectType === 'OBJECT_SEQUENCE') {
    return [{ kind: 'sequence', ...relation }];
  }
  if (objectType === 'OBJECT_TYPE') {
    return [{ kind: 'type', ...relation }];
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
        ...ownedSequence(relation),
      ];
    case 'AT_AlterColumnType':
      // the server writes definitions that mention the column anew, with the new type's casts, and widens an identity's sequence
      return [
        { kind: 'column', ...table, name: command.name },
        { kind: 'part', part: 'constraint', ...table },
        { kind: 'part', part: 'index', ...table },
        ...ownedSequence(relation),
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
      return [{ kind: 'column', ...table, name: command.name }, ...ownedSequence(relation)];
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

/** The sequence of an identity or serial column: the column owns it. */
function ownedSequence(relation: Relation): Declaration[] {
  return [{ kind: 'part', part: 'sequence', ...on(relation) }];
}

export function wholeRelation(relation: Relation): Declaration {
  return { kind: 'relation', ...relation };
}
