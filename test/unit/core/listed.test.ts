import { GuardrailViolated, SwitchoverRefused } from '../../../lib/core/errors';
import { TypesNotFollowed } from '../../../lib/core/following-errors';
import { listed, listedInline } from '../../../lib/core/listed';

const REASONS = Array.from(
  { length: 3000 },
  (_, n) => `table t${n} has no primary key, so that nothing names its rows`,
);

it.each([GuardrailViolated, SwitchoverRefused, TypesNotFollowed])(
  'what %p says of thousands of tables fits a state, and it says how many there are',
  (ErrorOfReasons) => {
    const { message, reasons } = new ErrorOfReasons(REASONS);
    expect(message.split('\n')).toHaveLength(52);
    expect(message).toMatch(/\n {2}- table t0 has .*\n {2}- table t49 has [^\n]*\n {2}- and 2950 more$/s);
    expect(reasons).toHaveLength(3000);
  },
);

it('long lines are cut, and fewer of them are kept', () => {
  const long = listed(Array.from({ length: 100 }, () => 'x'.repeat(100_000)));
  expect(long.length).toBeLessThan(20_000);
  expect(long).toMatch(/x…\n {2}- and 84 more$/);
});

it('a short list is said as it is', () => {
  expect(listed(['one', 'two'])).toBe('  - one\n  - two');
  expect(listedInline(['one', 'two'])).toBe('one; two');
});
