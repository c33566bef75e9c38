import { PacedClock } from '../../../lib/local/clock/paced-clock';
import type { Clock } from '../../../lib/ports/clock';

/** Real time as the test says it is. */
class HandClock implements Clock {
  ms = 0;
  now() {
    return this.ms;
  }
  sleep(): Promise<void> {
    throw new Error('nobody sleeps on this clock');
  }
}

describe('a paced clock', () => {
  it('runs fast while nobody works and at real speed while somebody does', async () => {
    const real = new HandClock();
    const clock = new PacedClock(real, 100);
    real.ms = 10;
    expect(clock.now()).toBe(1_000);
    await clock.track(async () => {
      real.ms = 15;
      expect(clock.now()).toBe(1_005);
    });
    real.ms = 16;
    expect(clock.now()).toBe(1_105);
  });

  it('stays at real speed until the last of several workers is done', async () => {
    const real = new HandClock();
    const clock = new PacedClock(real, 100);
    let finish = () => {};
    const longer = clock.track(() => new Promise<void>((resolve) => (finish = resolve)));
    await clock.track(async () => undefined);
    real.ms = 7;
    expect(clock.now()).toBe(7);
    finish();
    await longer;
    real.ms = 8;
    expect(clock.now()).toBe(107);
  });

  it('wakes sleepers when their time has come, and refuses to wake those whose signal was aborted', async () => {
    const clock = new PacedClock(
      { now: () => performance.now(), sleep: () => Promise.reject(new Error('unused')) },
      1_000_000,
    );
    await clock.sleep(3_600_000);
    const abort = new AbortController();
    const sleeping = clock.sleep(1e12, abort.signal);
    abort.abort(new Error('enough'));
    await expect(sleeping).rejects.toThrow('enough');
    await expect(clock.sleep(1, abort.signal)).rejects.toThrow('enough');
  });

  it('does not wake a sleeper whose time is further away than a timer can be', async () => {
    const clock = new PacedClock(new HandClock(), 1);
    const abort = new AbortController();
    const sleeping = clock.sleep(2 ** 40, abort.signal);
    const first = await Promise.race([
      sleeping.then(() => 'awake'),
      new Promise((resolve) => setTimeout(resolve, 20, 'asleep')),
    ]);
    expect(first).toBe('asleep');
    abort.abort(new Error('enough'));
    await expect(sleeping).rejects.toThrow('enough');
  });

  it.each([0, 0.5, Number.NaN, Number.POSITIVE_INFINITY])('refuses the pace %p', (pace) => {
    expect(() => new PacedClock(new HandClock(), pace)).toThrow(/the pace must be a number of at least 1/);
  });
});
