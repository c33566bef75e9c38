/** What adding, validating and dropping a constraint does: the server checks all of them for blue's rows but foreign keys. */
import type { Effect } from '../../../../core/effects';
import { type Relation, relationOf, strings, type Tree } from '../parse-tree';
import { columnThing, inWords, onlyAsContract, partThing, tableThing } from './changed-objects';

const CHECKED: Readonly<Record<string, string>> = {
  CONSTR_CHECK: 'check constraint',
  CONSTR_UNIQUE: 'unique constraint',
  CONSTR_PRIMARY: 'primary key',
  CONSTR_EXCLUSION: 'exclusion constraint',
};

/** @param constraint as the parser gives it; a column's with the column's name among `keys` and `fk_attrs` */
export function constraintEffects(relation: Relation, constraint: Tree): Effect[] {
  const table = inWords(relation);
  const theirs = { unless: [tableThing(relation)] };
  if (constraint.contype === 'CONSTR_FOREIGN') {
    return foreignKey(relation, constraint);
  }
  const kind = CHECKED[constraint.contype];
  if (kind === undefined || (constraint.contype === 'CONSTR_CHECK' && !constraint.is_enforced)) {
    return [];
  }
  const name = constraint.conname === undefined ? kind : `${kind} ${constraint.conname}`;
  return [
    { ...theirs, condition: `blue's rows must meet the ${name}: one that does not stops following` },
    ...(constraint.skip_validation || constraint.indexname !== undefined
      ? []
      : [
          {
            ...theirs,
            takes: constraint.contype === 'CONSTR_CHECK' ? `reads all of ${table}` : `builds an index on ${table}`,
          },
        ]),
    ...(constraint.contype === 'CONSTR_PRIMARY' ? [{ ...theirs, ...OTHER_KEY }] : []),
  ];
}

/** Rows are found by key in both directions. */
const OTHER_KEY: Effect = {
  wayBack: {
    is: 'depends',
    why: 'there is no way back unless green names its rows by the key by which blue finds them',
  },
};

/** Whoever applies blue's rows checks no foreign key, so that a valid one would be a claim that nobody keeps. */
function foreignKey(relation: Relation, constraint: Tree): Effect[] {
  const { pktable, skip_validation: notValid, is_enforced: enforced, conname } = constraint;
  const columns = strings(constraint.fk_attrs);
  const referenced = relationOf(pktable);
  const name = conname ?? `${relation.name}_${columns.join('_')}_fkey`;
  const ours = [tableThing(relation)];
  if (!enforced) {
    return [];
  }
  return [
    {
      unless: [tableThing(referenced)],
      condition: `blue's rows come to ${inWords(referenced)} and go unchecked: what refers to one may be left without it`,
    },
    ...(notValid ? [] : [{ unless: ours, takes: `reads all of ${inWords(relation)}` }]),
    ...columns.map((column) => ({
      unless: [...ours, columnThing(relation, column)],
      ...(notValid
        ? { makes: [partThing('foreign key', relation, name)] }
        : {
            refusal: onlyAsContract(
              `adds foreign key ${name}, which blue's rows are not checked against`,
              'add it NOT VALID, and VALIDATE CONSTRAINT in production after the run',
            ),
          }),
    })),
  ];
}

export function validateConstraint(relation: Relation, name: string): Effect[] {
  return [
    { unless: [tableThing(relation)], takes: `reads all of ${inWords(relation)}` },
    {
      provided: [partThing('foreign key', relation, name)],
      refusal: onlyAsContract(
        `calls foreign key ${name} valid, which blue's rows are not checked against`,
        'validate it in production after the run',
      ),
    },
  ];
}

/** Which kind of constraint or index goes, the statement does not say. */
export function dropRule(relation: Relation | undefined, name: string): Effect[] {
  return [
    {
      ...(relation && { unless: [tableThing(relation), partThing('foreign key', relation, name)] }),
      condition: "a table must keep a key by which blue's updates and deletes find their rows",
      wayBack: { is: 'depends', why: `rows flow back as long as they meet what ${name} demands on blue` },
    },
  ];
}
