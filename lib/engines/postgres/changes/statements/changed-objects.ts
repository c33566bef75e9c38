/** The objects effects are about, made from the names a statement uses, and the remedies they share. */
import { type ChangedObject, dotted, type Refusal } from '../../../../core/effects';
import { on, type Relation } from '../parse-tree';

export function tableThing(relation: Relation): ChangedObject {
  return { kind: 'table', ...on(relation) };
}

export function columnThing(relation: Relation, name: string): ChangedObject {
  return { kind: 'column', ...on(relation), name };
}

/** What a column or table got from the changes. */
export function partThing(
  kind: 'default' | 'not null' | 'foreign key',
  relation: Relation,
  name: string,
): ChangedObject {
  return { kind, ...on(relation), name };
}

/** Without a name any trigger of the table that fires for blue's rows. */
export function alwaysTrigger(relation: Relation, name?: string): ChangedObject {
  return { kind: 'always trigger', ...on(relation), ...(name !== undefined && { name }) };
}

export function typeThing({ schema, name }: Relation): ChangedObject {
  return { kind: 'type', ...(schema !== undefined && { schema }), table: name };
}

export function inWords({ schema, name }: Relation): string {
  return dotted(schema, name);
}

export function columnInWords({ schema, name }: Relation, column: string): string {
  return dotted(schema, name, column);
}

const TO_CONTRACT = 'move it to a contract change (….contract.sql)';

/** @param instead another way, which is named first */
export function onlyAsContract(reason: string, instead?: string): Refusal {
  return { only: 'contract', reason, remedy: instead === undefined ? TO_CONTRACT : `${instead}, or ${TO_CONTRACT}` };
}

export function onlyWithFreeze(reason: string, instead: string): Refusal {
  return { only: 'freeze', reason, remedy: `${instead}, or run the plan with sync: "freeze"` };
}

export const REPLICATION = onlyWithFreeze(
  "touches publications or subscriptions, which are the run's business while it follows",
  'do it in production after the run',
);
