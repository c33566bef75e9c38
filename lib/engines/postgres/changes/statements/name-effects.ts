/** What renaming, moving and dropping does: blue's rows come by the names of tables and columns. */
import type { Effect } from '../../../../core/effects';
import { qualified, type Relation, relationOf, strings, type Tree } from '../parse-tree';
import { inWords, onlyAsContract, REPLICATION, tableThing, typeThing } from './changed-objects';
import { renameColumn } from './column-effects';
import { dropRule } from './constraint-effects';

export function rename({ renameType, relationType, relation, subname, newname }: Tree): Effect[] {
  switch (renameType) {
    case 'OBJECT_COLUMN':
      return relationType === 'OBJECT_TABLE' ? renameColumn(relationOf(relation), subname, newname) : [];
    case 'OBJECT_TABLE':
      return renamed(relationOf(relation), { ...relationOf(relation), name: newname });
    case 'OBJECT_SCHEMA':
      return [
        {
          refusal: onlyAsContract(`renames schema ${subname}, and blue's rows come for its tables by that name`),
          wayBack: { is: 'one-way', why: 'no way back: replication finds tables by name' },
        },
      ];
    default:
      return [];
  }
}

/** To another schema. */
export function move({ objectType, relation, newschema }: Tree): Effect[] {
  return objectType === 'OBJECT_TABLE'
    ? renamed(relationOf(relation), { schema: newschema, name: relation.relname })
    : [];
}

function renamed(relation: Relation, to: Relation): Effect[] {
  return [
    {
      unless: [tableThing(relation)],
      refusal: onlyAsContract(
        `gives ${inWords(relation)} another name, and blue's rows come for it by this one`,
        'keep the name and give the new one to a view',
      ),
      wayBack: {
        is: 'one-way',
        why: `no way back: replication finds ${inWords(relation)} by name, if it holds rows of its own`,
      },
    },
    { provided: [tableThing(relation)], makes: [tableThing(to)] },
  ];
}

export function drop({ objects, removeType, behavior }: Tree): Effect[] {
  const cascade = behavior === 'DROP_CASCADE';
  return objects.flatMap((object: Tree): Effect[] => {
    const named = qualified(object.List?.items ?? object.TypeName?.names ?? [object]);
    switch (removeType) {
      case 'OBJECT_TABLE':
        return [
          {
            unless: [tableThing(named)],
            refusal: onlyAsContract(`drops ${inWords(named)}, and blue's rows come for it`),
            wayBack: {
              is: 'depends',
              why: `if ${inWords(named)} is a partition, rows flow back as long as none belongs into it`,
            },
          },
        ];
      case 'OBJECT_INDEX':
        return dropRule(undefined, inWords(named));
      case 'OBJECT_TYPE':
      case 'OBJECT_DOMAIN':
        return cascade ? [{ unless: [typeThing(named)], refusal: cascades(inWords(named)) }] : [];
      case 'OBJECT_SCHEMA':
      case 'OBJECT_EXTENSION':
        return cascade ? [{ refusal: cascades(strings([object]).join()) }] : [];
      case 'OBJECT_PUBLICATION':
        return [{ refusal: REPLICATION }];
      default:
        return [];
    }
  });
}

function cascades(name: string) {
  return onlyAsContract(
    `drops ${name} and with CASCADE what needs it, which may be a table or column that blue writes`,
    'drop what needs it by name',
  );
}
