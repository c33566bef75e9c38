/** The small plan with `sync: "replication"`, changed further where a test needs it. */

import { type Change, contentHash, parseChangeFileName } from '../../lib/core/changes';
import type { Plan } from '../../lib/core/plan';
import { parseChange } from '../../lib/engines/postgres/changes/statement-parser';

export const following =
  (further: (plan: Plan) => Partial<Plan> = () => ({})) =>
  (plan: Plan): Plan => ({ ...plan, ...further(plan), sync: 'replication' });

/** Changes as a plan folder would have them, by their files' names. */
export function changes(files: Readonly<Record<string, string>>): Change[] {
  return Object.entries(files).map(([file, sql]) => {
    const name = parseChangeFileName(file);
    const parsed = parseChange(sql);
    if (!name || 'problem' in parsed) {
      throw new Error(`${file}: ${'problem' in parsed ? parsed.problem : 'is no name of a change'}`);
    }
    return { ...name, ...parsed, file, sql, sha256: contentHash(sql) };
  });
}
