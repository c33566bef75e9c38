/** Kills this process in the middle of a phase, so that everybody can see a run go on after that. */
import type { Phase, World } from '../ports/world';

/** @param nth which step of the phase is not taken any more, counted from 1: each invocation is a step, and each call to the outside */
export function killedAt<Result>(phase: Phase<Result>, nth: number): Phase<Result> {
  let calls = 0;
  const count = () => {
    calls += 1;
    if (calls === nth) {
      process.kill(process.pid, 'SIGKILL');
    }
  };
  return (run, world) => {
    count();
    return phase(run, counted(world, count));
  };
}

function counted(world: World, count: () => void): World {
  return {
    ...world,
    controlPlane: watched(world.controlPlane, count),
    endpoint: watched(world.endpoint, count),
    database: (address) => watched(world.database(address), count),
  };
}

function watched<Port extends object>(port: Port, count: () => void): Port {
  return new Proxy(port, {
    get(target, key) {
      const member: unknown = Reflect.get(target, key);
      if (typeof member !== 'function') {
        return member;
      }
      return (...args: unknown[]) => {
        count();
        return member.apply(target, args);
      };
    },
  });
}
