/** migrate: applies the plan's expand changes to green, one by one, each with its ledger entry. */
import { chainHash, pendingChanges } from '../lib/core/changes';
import { TypesNotFollowed } from '../lib/core/following-errors';
import { inOrderOfApplication } from '../lib/core/ledger';
import { done, waiting } from '../lib/core/progress';
import type { Address, MigrateResult } from '../lib/core/run';
import type { Database } from '../lib/ports/database';
import type { Phase, World } from '../lib/ports/world';
import { analyzeTables } from './steps/analysis';
import { checkKept } from './steps/kept';
import { addressOf, describeBlue, describeGreen } from './steps/sides';

const LOOK_AGAIN_SECONDS = 10;

export const migrate: Phase<MigrateResult> = async (run, world) => {
  const { plan } = world;
  const green = world.database(addressOf(await describeGreen(run, world)));
  const expand = plan.changes.filter((change) => change.kind === 'expand');
  const blue = addressOf(await describeBlue(world));
  for (;;) {
    await checkKept(run, world, blue);
    const running = await green.runningChange();
    if (running) {
      return waiting(LOOK_AGAIN_SECONDS, running);
    }
    const ledger = inOrderOfApplication(await green.ledger());
    const [change, ...rest] = pendingChanges(expand, ledger);
    if (!change) {
      await requireAlike(world, blue, green);
      await green.arm(); // what a change created refuses writes, too
      const analyzing = await analyzeTables(green, () => world.remainingMs());
      if (analyzing) {
        return analyzing;
      }
      const applied = expand.map(({ file }) => file);
      return done(`${applied.length} changes are in green's ledger`, { applied });
    }
    if (world.remainingMs() <= 0) {
      return waiting(1, `${rest.length + 1} changes are still to be applied`);
    }
    await green.applyChange(run.runId, change, chainHash(ledger.at(-1), change), world.remainingMs());
  }
};

/** Types that a change hides from whoever reads it show in the catalogs. */
async function requireAlike({ plan, database }: World, blue: Address, green: Database): Promise<void> {
  if (plan.sync === 'freeze') {
    return;
  }
  const reasons = await database(blue).whyNotAlike(green);
  if (reasons.length > 0) {
    throw new TypesNotFollowed(reasons);
  }
}
