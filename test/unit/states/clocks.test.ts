/** Clocks of the local runtime: real, scaled, virtual. */
import { RealClock } from '../../../lib/local/clock/real-clock';
import { trackedWork } from '../../../lib/local/clock/tracked-work';
import { VirtualClock } from '../../../lib/local/clock/virtual-clock';

const DAY_MS = 86_400_000;

describe('the virtual clock', () => {
  test('jumps to the sleepers in the order in which they are due', async () => {
    const clock = new VirtualClock(0);
    const woken: [string, number][] = [];
    const sleeper = async (name: string, ms: number) => {
      await clock.sleep(ms);
      woken.push([name, clock.now()]);
    };
    await Promise.all([sleeper('month', 30 * DAY_MS), sleeper('day', DAY_MS), sleeper('day too', DAY_MS)]);
    expect(woken).toEqual([
      ['day', DAY_MS],
      ['day too', DAY_MS],
      ['month', 30 * DAY_MS],
    ]);
  });

  test('stands still while tracked work goes on', async () => {
    const clock = new VirtualClock(0);
    let finish: () => void = () => {};
    const work = clock.track(
      () =>
        new Promise<void>((resolve) => {
          finish = resolve;
        }),
    );
    const slept = clock.sleep(DAY_MS).then(() => clock.now());
    for (let turn = 0; turn < 20; turn += 1) await new Promise((resolve) => setImmediate(resolve));
    expect(clock.now()).toBe(0);
    finish();
    await work;
    expect(await slept).toBe(DAY_MS);
  });

  test('goes on while tracked work is itself asleep on it', async () => {
    const clock = new VirtualClock(0);
    await trackedWork(clock, () => clock.sleep(5000));
    expect(clock.now()).toBe(5000);
  });

  test('an aborted sleep rejects with the reason and does not move time', async () => {
    const clock = new VirtualClock(0);
    const controller = new AbortController();
    const sleep = clock.sleep(DAY_MS, controller.signal);
    controller.abort(new Error('enough'));
    await expect(sleep).rejects.toThrow('enough');
    await clock.sleep(1);
    expect(clock.now()).toBe(1);
  });

  test('a sleep that is aborted before it begins rejects at once', async () => {
    await expect(new VirtualClock().sleep(1, AbortSignal.abort(new Error('never')))).rejects.toThrow('never');
  });
});

describe('the real clock', () => {
  test('an aborted sleep rejects with the reason', async () => {
    const controller = new AbortController();
    const sleep = new RealClock().sleep(2 ** 40, controller.signal);
    controller.abort(new Error('enough'));
    await expect(sleep).rejects.toThrow('enough');
  });

  test('a sleep that is over has let time pass', async () => {
    const clock = new RealClock();
    const begun = clock.now();
    await clock.sleep(2);
    expect(clock.now()).toBeGreaterThan(begun);
  });
});
