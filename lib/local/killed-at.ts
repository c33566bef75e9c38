/** Lets something die in the middle of a phase, so that everybody can see a run go on after that. */
import type { Run } from '../core/run';
import type { Phase, World } from '../ports/world';

/** @param at before which step of the phase it dies, counted from 1: each invocation is a step, and each call to the outside; or the name of a call, the first time it is made */
export function killedAt<Result>(phase: Phase<Result>, at: string, kill: (run: Run) => Promise<void>): Phase<Result> {
  let calls = 0;
  let struck = false;
  return async (run, world) => {
    const step = async (call: string) => {
      calls += 1;
      if (String(calls) === at || (call === at && !struck)) {
        struck = true;
        await kill(run);
      }
    };
    await step('');
    return phase(run, watchedWorld(world, step));
  };
}

type Step = (call: string) => Promise<void>;

function watchedWorld(world: World, step: Step): World {
  const databases = new Map<object, object>();
  return {
    ...world,
    controlPlane: watched(world.controlPlane, step),
    endpoint: watched(world.endpoint, step),
    database(address, name) {
      const database = world.database(address, name);
      const known = databases.get(database) ?? watched(database, step);
      databases.set(database, known);
      return known as typeof database;
    },
  };
}

function watched<Port extends object>(port: Port, step: Step): Port {
  return new Proxy(port, {
    get(target, key) {
      const member: unknown = Reflect.get(target, key);
      if (typeof member !== 'function') {
        return member;
      }
      if (['comparisonWith', 'changedRowsWith', 'countersTo'].includes(String(key))) {
        // what is made by it is what calls to the outside
        return (...args: unknown[]) => watched(member.apply(target, args) as object, step);
      }
      return async (...args: unknown[]) => {
        await step(String(key));
        return member.apply(target, args);
      };
    },
  });
}
