/** The runbook agrees with the code: its commands are those the run prints, and it knows every error. */
import { ERROR_POLICIES } from '../../lib/core/errors';
import { leftOnGreen, manualRollback } from '../../lib/core/recovery';
import { VALIDATION_FAILED } from '../../lib/core/verdict';
import { planFixture } from '../support/plan-fixture';
import { read } from './markdown';

const RUNBOOK = read('docs/operations.md');
const plan = planFixture();

/** The commands of one run with the runbook's placeholders for its names. */
function generalized(command: string): string {
  return command
    .replace(/orders-final-[0-9a-f]{10}/g, '<final snapshot>')
    .replace(/<address of orders-green-[0-9a-f]{10}>/g, '<address of green>')
    .replace(/orders-green-[0-9a-f]{10}/g, '<green>')
    .replace(/<address of orders-prod>/g, '<address of blue>')
    .replace(/orders-prod/g, '<blue>')
    .replace(/--hosted-zone-id \S+/, '--hosted-zone-id <zone>')
    .replace(/"Name":"[^"]+"/, '"Name":"<record>"')
    .replace(/dbname=orders/g, 'dbname=<database>')
    .replace(/\\"orders\\"/g, '\\"<database>\\"');
}

test('the commands that finish a rollback by hand stand in the runbook, in their order', () => {
  const positions = manualRollback(plan, 'run-1').map(({ command }) => ({
    command: generalized(command),
    position: RUNBOOK.lastIndexOf(generalized(command)),
  }));
  expect(positions.length).toBeGreaterThan(3);
  expect(positions.filter(({ position }) => position < 0)).toEqual([]);
  expect(positions.map(({ position }) => position)).toEqual(
    positions.map(({ position }) => position).sort((a, b) => a - b),
  );
});

test('the commands for what stays when green serves stand in the runbook', () => {
  const commands = leftOnGreen(plan, 'run-1', { record: true, blue: true, snapshot: true }).map(({ command }) =>
    generalized(command),
  );
  expect(commands).toHaveLength(3);
  expect(commands.filter((command) => !RUNBOOK.includes(command))).toEqual([]);
});

describe('the table of errors', () => {
  const rows = new Map(
    [...RUNBOOK.matchAll(/^\| `(\w+)`\s*\|[^|]+\|([^|]+)\|([^|]+)\|$/gm)].map(([, name = '', does = '', todo = '']) => [
      name,
      { does: does.trim(), todo: todo.trim() },
    ]),
  );

  test('knows every error a run can end with, and no other', () => {
    expect([...rows.keys()].sort()).toEqual([...Object.keys(ERROR_POLICIES), VALIDATION_FAILED].sort());
  });

  test.each(Object.entries(ERROR_POLICIES))('says of %s what its policy "%s" means, and what to do', (name, policy) => {
    const words = { refuse: /^refuses/, stop: /^rolls back/, retry: /^tries again/ };
    expect(rows.get(name)?.does).toMatch(words[policy]);
    expect(rows.get(name)?.todo).not.toBe('');
  });
});
