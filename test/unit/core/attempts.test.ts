import { countAttempt, isUncounted } from '../../../lib/core/attempts';

describe('attempts to move the application', () => {
  it('counts one that ended before anything was frozen', () => {
    expect(countAttempt({}, 0)).toEqual({ attempts: 1, freezes: 0 });
    expect(countAttempt({ attempts: 2, freezes: 1 }, 1)).toEqual({ attempts: 3, freezes: 1 });
  });

  it('counts one that froze', () => {
    expect(countAttempt({ attempts: 1, freezes: 0 }, 1)).toEqual({ attempts: 2, freezes: 1 });
  });

  it('counts every freeze whose invocation did not live to tell', () => {
    expect(countAttempt({}, 3)).toEqual({ attempts: 3, freezes: 3 });
    expect(countAttempt({ attempts: 2, freezes: 1 }, 4)).toEqual({ attempts: 5, freezes: 4 });
  });

  it('knows whether there is one that nobody has counted', () => {
    expect(isUncounted({}, 0)).toBe(false);
    expect(isUncounted({}, 1)).toBe(true);
    expect(isUncounted({ attempts: 1, freezes: 1 }, 1)).toBe(false);
  });
});
