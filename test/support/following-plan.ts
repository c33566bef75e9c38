/** The small plan with `sync: "replication"`, changed further where a test needs it. */
import type { Plan } from '../../lib/core/plan';

export const following =
  (further: (plan: Plan) => Partial<Plan> = () => ({})) =>
  (plan: Plan): Plan => ({ ...plan, ...further(plan), sync: 'replication' });
