/** Parallel: runs all branches at once; the first failure stops the others. */
import { flowFor } from '../flow/flow-for';
import { copyOf, type JsonValue } from '../json-value';
import type { Outcome } from '../outcome';
import { Siblings } from '../siblings';
import type { Visit } from '../visit';

export async function runParallel(visit: Visit): Promise<Outcome> {
  const { branch: parent } = visit;
  const input = await flowFor(visit).arguments(visit);
  visit.record('ParallelStateStarted');
  const siblings = new Siblings(parent);
  const children = (visit.state.Branches ?? []).map((block) => ({ block, branch: parent.child() }));
  for (const { branch } of children) siblings.joined(branch);
  const runs = children.map(async ({ block, branch }): Promise<JsonValue> => {
    try {
      const output = await visit.runInside(block, branch, copyOf(input));
      parent.lastEventId = Math.max(parent.lastEventId, branch.lastEventId);
      siblings.left(branch);
      return output;
    } catch (thrown) {
      siblings.collapse(branch, thrown);
      throw thrown;
    }
  });
  const result = await siblings.all(runs);
  parent.note('ParallelStateSucceeded');
  return { ...(await flowFor(visit).yielded(visit, { result })), next: visit.state.Next };
}
