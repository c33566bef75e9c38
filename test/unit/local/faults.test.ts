import { parseFault } from '../../../lib/local/faults';

describe('a fault', () => {
  it.each([
    ['clone', { phase: 'clone', moment: 'after', times: undefined }],
    ['clone:before', { phase: 'clone', moment: 'before', times: undefined }],
    ['rollback*3', { phase: 'rollback', moment: 'after', times: 3 }],
    ['switchover:opened', { phase: 'switchover', moment: 'opened', times: undefined }],
    ['migrate:kill@12', { phase: 'migrate', moment: 'kill@12', times: undefined }],
  ])('%s is understood', (text, fault) => {
    expect(parseFault(text)).toEqual(fault);
  });

  it.each(['', 'nap', 'clone:after', 'clone:opened', 'clone*0', 'clone:kill@', 'clone:kill@0'])(
    'refuses "%s", naming what is allowed',
    (text) => {
      expect(() => parseFault(text)).toThrow(
        /is not known; allowed: <phase>, <phase>:before or switchover:opened, each with \*N .*phases are prepare, snapshot, clone/,
      );
    },
  );
});
