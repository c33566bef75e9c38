/** Classification: what may be done in an expand change that is followed, what only in a contract change or while blue is frozen. */
import type { Change } from './changes';
import { type ChangedObject, type Effect, type Refusal, sameObject } from './effects';
import type { Plan } from './plan';

export interface ClassifiedStatement {
  /** File name inside `changes/`. */
  readonly file: string;
  readonly line: number;
  readonly kind: Change['kind'];
  readonly statement: string;
  readonly touches: readonly string[];
  readonly following: 'allowed' | 'only as contract' | 'only with sync: freeze';
  readonly wayBack: 'reversible' | 'depends' | 'one-way';
  readonly rewrites: 'no' | 'perhaps' | 'yes';
  readonly notes: readonly string[];
  /** Why it may not stand where it does; empty when it may. */
  readonly refused: readonly Refusal[];
}

/** @param changes in their order; what an earlier one made is nothing that blue's rows know */
export function classify(changes: readonly Change[], sync: Plan['sync']): ClassifiedStatement[] {
  const made: ChangedObject[] = [];
  const ever = changes.flatMap(({ effects }) =>
    effects.flatMap((statement) => statement.effects.flatMap(({ makes = [] }) => makes)),
  );
  return changes.flatMap((change) =>
    change.effects.map(({ line, what, touches, effects }) => {
      const present = effects.filter((effect) => {
        const has = holds(effect, made, ever);
        made.push(...(has ? (effect.makes ?? []) : []));
        return has;
      });
      return {
        file: change.file,
        line,
        kind: change.kind,
        statement: what,
        touches,
        ...judgement(present, change.kind, sync),
      };
    }),
  );
}

/** As the plan's problems are told. */
export function refusalInWords({ file, line, refused }: ClassifiedStatement): string[] {
  return refused.map(({ reason, remedy }) => `changes/${file}: line ${line}: ${reason}; ${remedy}`);
}

function holds(
  { unless = [], provided = [], unlessEver = [] }: Effect,
  made: readonly ChangedObject[],
  ever: readonly ChangedObject[],
): boolean {
  const among = (things: readonly ChangedObject[]) => (thing: ChangedObject) =>
    things.some((one) => sameObject(one, thing));
  return !unless.some(among(made)) && provided.every(among(made)) && !unlessEver.some(among(ever));
}

type Judgement = Pick<ClassifiedStatement, 'following' | 'wayBack' | 'rewrites' | 'notes' | 'refused'>;

function judgement(effects: readonly Effect[], kind: Change['kind'], sync: Plan['sync']): Judgement {
  const refusals = effects
    .flatMap(({ refusal }) => refusal ?? [])
    .filter(({ reason }, index, all) => all.findIndex((one) => one.reason === reason) === index);
  const ways = effects.flatMap(({ wayBack }) => wayBack ?? []);
  const frozen = sync === 'freeze';
  const waiting = kind === 'contract' ? ' while the application waits' : '';
  return {
    following: strictest(refusals),
    wayBack: (['one-way', 'depends'] as const).find((is) => ways.some((way) => way.is === is)) ?? 'reversible',
    rewrites: (['yes', 'perhaps'] as const).find((answer) => effects.some((one) => one.rewrites === answer)) ?? 'no',
    notes: unique([
      ...effects.flatMap(({ condition }) =>
        condition !== undefined && !frozen && kind === 'expand' ? [condition] : [],
      ),
      ...(frozen ? [] : ways.map(({ why }) => why)),
      ...effects.flatMap(({ rewrites, takes }) => [
        ...(rewrites && waiting ? [`${REWRITING[rewrites]}${waiting}`] : []),
        ...(takes === undefined ? [] : [`${takes}${waiting}`]),
      ]),
    ]),
    refused: frozen ? [] : refusals.filter(({ only }) => only === 'freeze' || kind === 'expand'),
  };
}

const REWRITING = { yes: 'rewrites the table', perhaps: 'may rewrite the table' } as const;

function strictest(refusals: readonly Refusal[]): ClassifiedStatement['following'] {
  if (refusals.some(({ only }) => only === 'freeze')) {
    return 'only with sync: freeze';
  }
  return refusals.length > 0 ? 'only as contract' : 'allowed';
}

function unique(texts: readonly string[]): string[] {
  return [...new Set(texts)];
}
