/** Which changes count when both sides are compared. */
import { changesBetween, declaredBy } from '../../../lambdas/steps/changes-between';
import type { Pair } from '../../../lambdas/steps/sides';
import type { World } from '../../../lib/ports/world';
import { planFixture } from '../../support/plan-fixture';

const plan = planFixture({
  changes: [1, 2, 3].map((number) => ({
    file: `${number}.sql`,
    number,
    declarations: [{ kind: 'relation', name: `made by ${number}` }],
  })) as never,
});
const applied = (...numbers: number[]) => ({ ledger: async () => numbers.map((number) => ({ number })) });

test('changes count that green has and blue has not: neither those of earlier runs nor those that are still to come', async () => {
  const pair = { name: plan.blue.database, blue: applied(1), green: applied(1, 2) } as unknown as Pair;
  expect(declaredBy(await changesBetween({ plan } as World, pair))).toEqual([
    { file: '2.sql', declaration: { kind: 'relation', name: 'made by 2' } },
  ]);
});

test('changes are the business of the own database of the plan', async () => {
  const pair = { name: 'another', blue: applied(), green: applied(1, 2, 3) } as unknown as Pair;
  expect(declaredBy(await changesBetween({ plan } as World, pair))).toEqual([]);
});
