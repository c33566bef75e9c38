/** What adding, altering, renaming and dropping a column does. */
import type { Effect } from '../../../../core/effects';
import { qualified, type Relation, strings, type Tree } from '../parse-tree';
import { usingOf } from '../type-names';
import {
  alwaysTrigger,
  columnInWords,
  columnThing,
  inWords,
  onlyAsContract,
  onlyWithFreeze,
  partThing,
  tableThing,
  typeThing,
} from './changed-objects';
import { constraintEffects } from './constraint-effects';
import { builtIn, drawsUnseen, rewriteForDefault } from './default-volatility';

export function addColumn(relation: Relation, definition: Tree, ifNotExists: boolean): Effect[] {
  const { colname: name, constraints = [] } = definition;
  const all: Tree[] = constraints.map(({ Constraint }: Tree) => Constraint);
  const of = (...types: string[]) => all.find(({ contype }) => types.includes(contype));
  const serial = /^(big|small)?serial[248]?$/.test(builtIn(strings(definition.typeName?.names)) ?? '');
  const written = of('CONSTR_DEFAULT')?.raw_expr;
  const generated = of('CONSTR_GENERATED');
  const filled = serial || of('CONSTR_IDENTITY') || generated || (written && !written.A_Const?.isnull);
  const notNull = serial || of('CONSTR_NOTNULL', 'CONSTR_PRIMARY', 'CONSTR_IDENTITY');
  return [
    ...(notNull && !filled ? [lacking(relation, name)] : []),
    {
      makes: [
        columnThing(relation, name),
        ...(filled ? [partThing('default', relation, name)] : []),
        ...(notNull ? [partThing('not null', relation, name)] : []),
      ],
      ...(ifNotExists && { condition: `${columnInWords(relation, name)} is taken for new; blue must not have it` }),
    },
    ...rewriteOfAdding(definition, { computed: serial || of('CONSTR_IDENTITY'), generated, written }),
    ...all.flatMap((constraint) =>
      constraintEffects(relation, {
        ...constraint,
        keys: [{ String: { sval: name } }],
        fk_attrs: [{ String: { sval: name } }],
      }),
    ),
  ];
}

function lacking(relation: Relation, name: string): Effect {
  return {
    unless: [tableThing(relation)],
    refusal: onlyAsContract(
      `adds ${columnInWords(relation, name)} NOT NULL without default, and blue's rows come without it`,
      'give it a default, or add it nullable and SET NOT NULL in a contract change',
    ),
  };
}

interface Origin {
  /** By a sequence, row by row. */
  readonly computed: unknown;
  readonly generated: Tree;
  readonly written: Tree;
}

/** A domain with constraints has to be checked row by row; a name does not tell whether it is one. */
function rewriteOfAdding(definition: Tree, { computed, generated, written }: Origin): Effect[] {
  if (computed || generated) {
    return generated?.generated_kind === 'v' ? [] : [{ rewrites: 'yes' }];
  }
  const names = strings(definition.typeName?.names);
  const answer = rewriteForDefault(written);
  return [
    ...(answer === 'no' ? [] : [{ rewrites: answer }]),
    ...(BUILT_IN_TYPES.has(builtIn(names) ?? '') || names[0] === 'pg_catalog'
      ? []
      : [{ unless: [typeThing(qualified(definition.typeName?.names ?? []))], rewrites: 'perhaps' as const }]),
  ];
}

/** Those that the grammar does not know as words of its own. */
const BUILT_IN_TYPES: ReadonlySet<string> = new Set(
  `bool bytea cidr circle date daterange datemultirange float4 float8 inet int2 int4 int8 int4range int8range int4multirange
  int8multirange json jsonb jsonpath line lseg macaddr macaddr8 money name numrange nummultirange oid path pg_lsn point polygon
  regclass text timestamptz timetz tsmultirange tsquery tsrange tstzmultirange tstzrange tsvector uuid xml`.split(
    /\s+/,
  ),
);

export function dropColumn(relation: Relation, name: string): Effect[] {
  const column = columnInWords(relation, name);
  return [
    {
      unless: [tableThing(relation), columnThing(relation, name)],
      refusal: onlyAsContract(`drops ${column}, and blue's rows come with it`),
      wayBack: {
        is: 'depends',
        why: `there is no way back if ${column} is NOT NULL without default on blue, or in the key by which blue finds rows`,
      },
    },
  ];
}

export function renameColumn(relation: Relation, name: string, to: string): Effect[] {
  const column = columnInWords(relation, name);
  return [
    {
      unless: [tableThing(relation), columnThing(relation, name)],
      refusal: onlyAsContract(
        `renames ${column}, and blue's rows come by that name`,
        `add "${to}" beside it and drop "${name}" in a later plan`,
      ),
      wayBack: { is: 'one-way', why: `no way back: replication finds ${column} by name` },
    },
    { provided: [columnThing(relation, name)], makes: [columnThing(relation, to)] },
    { provided: [partThing('default', relation, name)], makes: [partThing('default', relation, to)] },
  ];
}

/** Blue's values arrive as text and are read by the new type: only where that makes the same of them can a change be followed. */
export function retypeColumn(relation: Relation, name: string, definition: Tree): Effect[] {
  const column = columnInWords(relation, name);
  const theirs = { unless: [tableThing(relation), columnThing(relation, name)] };
  return [
    { rewrites: 'perhaps' },
    {
      ...theirs,
      wayBack: { is: 'depends', why: `rows flow back as long as ${column} fits the type it has on blue` },
    },
    usingOf(name, definition) === undefined
      ? {
          ...theirs,
          refusal: onlyWithFreeze(
            `computes ${column} anew with USING, and blue's later values come without that`,
            'add a column and fill it by an ENABLE ALWAYS trigger',
          ),
        }
      : {
          ...theirs,
          condition: `blue's values of ${column} arrive as text, which the new type must read as ALTER converts them; prepare, which sees the type blue has, refuses what does not`,
        },
  ];
}

export function setNotNull(relation: Relation, name: string): Effect[] {
  const column = columnInWords(relation, name);
  return [
    {
      unless: [tableThing(relation), columnThing(relation, name)],
      condition: `blue's rows must have a value in ${column}: one without stops following`,
    },
    {
      unless: [tableThing(relation)],
      provided: [columnThing(relation, name)],
      unlessEver: [partThing('default', relation, name), alwaysTrigger(relation)],
      refusal: onlyAsContract(
        `makes ${column} NOT NULL, and blue's rows come without it, since the changes add it without default`,
        'give it a default, or a trigger that is ENABLE ALWAYS and fills it',
      ),
    },
    { unless: [tableThing(relation)], takes: `reads all of ${inWords(relation)}` },
    { provided: [columnThing(relation, name)], makes: [partThing('not null', relation, name)] },
  ];
}

export function setDefault(relation: Relation, name: string, expression: Tree | undefined): Effect[] {
  const column = columnInWords(relation, name);
  return expression
    ? [
        { makes: [partThing('default', relation, name)] },
        ...(drawsUnseen(expression)
          ? [
              {
                unless: [tableThing(relation), columnThing(relation, name)],
                condition: `from which sequence the default of ${column} draws, if from any, is not seen here; what the switchover cannot read on green either it refuses`,
              },
            ]
          : []),
      ]
    : [
        {
          unless: [tableThing(relation)],
          provided: [columnThing(relation, name), partThing('not null', relation, name)],
          unlessEver: [alwaysTrigger(relation)],
          refusal: onlyAsContract(
            `drops the default of ${column}, which is NOT NULL and which blue's rows come without`,
          ),
        },
      ];
}
