/** What the commands of an ALTER TABLE do. */
import type { Effect } from '../../../../core/effects';
import { type Relation, relationOf, type Tree } from '../parse-tree';
import {
  alwaysTrigger,
  columnInWords,
  columnThing,
  inWords,
  onlyAsContract,
  onlyWithFreeze,
  tableThing,
  typeThing,
} from './changed-objects';
import { addColumn, dropColumn, retypeColumn, setDefault, setNotNull } from './column-effects';
import { constraintEffects, dropRule, validateConstraint } from './constraint-effects';

type Reader = (relation: Relation, command: Tree) => Effect[];

/** A command that is not here does nothing to rows that come from blue. */
const COMMANDS: Readonly<Record<string, Reader>> = {
  AT_AddColumn: (relation, { def, missing_ok }) => addColumn(relation, def.ColumnDef, missing_ok === true),
  AT_DropColumn: (relation, { name }) => dropColumn(relation, name),
  AT_AlterColumnType: (relation, { name, def }) => retypeColumn(relation, name, def.ColumnDef),
  AT_ColumnDefault: (relation, { name, def }) => setDefault(relation, name, def),
  AT_SetNotNull: (relation, { name }) => setNotNull(relation, name),
  AT_DropNotNull: (relation, { name }) => [
    {
      unless: [tableThing(relation), columnThing(relation, name)],
      wayBack: { is: 'depends', why: `rows flow back as long as none has null in ${columnInWords(relation, name)}` },
    },
  ],
  AT_SetExpression: () => [{ rewrites: 'perhaps' }],
  AT_DropExpression: (relation, { name }) => [
    {
      unless: [tableThing(relation), columnThing(relation, name)],
      refusal: onlyAsContract(
        `stops computing ${columnInWords(relation, name)}, which blue computes and does not send`,
      ),
      wayBack: { is: 'depends', why: `rows flow back as long as ${name} holds what blue computes for it` },
    },
  ],
  AT_AddConstraint: (relation, { def }) => [
    ...(def.Constraint.contype === 'CONSTR_NOTNULL'
      ? setNotNull(relation, def.Constraint.keys[0].String.sval)
      : constraintEffects(relation, def.Constraint)),
  ],
  AT_ValidateConstraint: (relation, { name }) => validateConstraint(relation, name),
  AT_DropConstraint: (relation, { name }) => dropRule(relation, name),
  AT_EnableAlwaysTrig: (relation, { name }) => [{ makes: [alwaysTrigger(relation, name)] }],
  AT_EnableReplicaTrig: (relation, { name }) => [{ makes: [alwaysTrigger(relation, name)] }],
  AT_ForceRowSecurity: (relation) => [
    {
      unless: [tableThing(relation)],
      refusal: onlyAsContract(
        `forces row security on the owner of ${inWords(relation)}, as whom blue's rows are applied`,
      ),
    },
  ],
  AT_ReplicaIdentity: (relation) => [
    {
      unless: [tableThing(relation)],
      condition: `${inWords(relation)} must keep a key by which blue's updates and deletes find their rows`,
      wayBack: { is: 'depends', why: 'there is no way back unless green names its rows as blue finds them' },
    },
  ],
  AT_ChangeOwner: () => [{ condition: "the run's user must be a member of the new owner" }],
  AT_AttachPartition: (relation, { def }) => attach(relation, relationOf(def.PartitionCmd.name)),
  AT_SetUnLogged: (relation) => [
    { rewrites: 'yes' },
    {
      unless: [tableThing(relation)],
      refusal: onlyWithFreeze(
        `makes ${inWords(relation)} unlogged, which a crash empties and which cannot be sent back`,
        'leave it logged',
      ),
      wayBack: { is: 'one-way', why: 'no way back: an unlogged table cannot be published' },
    },
  ],
  AT_SetLogged: () => [{ rewrites: 'yes' }],
  AT_SetTableSpace: () => [{ rewrites: 'yes' }],
  AT_SetAccessMethod: () => [{ rewrites: 'yes' }],
};

export function alterTable(relation: Relation, commands: readonly Tree[], objectType: string): Effect[] {
  switch (objectType) {
    case 'OBJECT_TABLE':
      return commands.flatMap(({ AlterTableCmd: command }) => COMMANDS[command.subtype]?.(relation, command) ?? []);
    case 'OBJECT_TYPE':
      return [
        {
          unless: [typeThing(relation)],
          refusal: onlyAsContract(
            `changes the attributes of type ${inWords(relation)}, whose values come from blue as they were`,
          ),
          wayBack: { is: 'depends', why: `rows flow back as long as none holds a value of type ${inWords(relation)}` },
        },
      ];
    default:
      return [];
  }
}

/** Rows come to a partition by its own name, and from one that blue does not have they cannot go back. */
export function attach(parent: Relation, partition: Relation): Effect[] {
  return [
    {
      unless: [tableThing(parent)],
      condition: `blue's rows must lie in the partitions of ${inWords(parent)} where green has them`,
      wayBack: {
        is: 'depends',
        why: `there is no way back unless blue has the partition ${inWords(partition)}, too`,
      },
    },
    { unless: [tableThing(parent)], takes: `reads all of ${inWords(partition)}` },
  ];
}
