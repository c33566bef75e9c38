/** The runbook agrees with the code: its commands are those the run prints, and it knows every error. */
import { byHandOf } from '../../lambdas/handler';
import { ERROR_POLICIES } from '../../lib/core/error-policies';
import { leftAfterFailback, leftOnGreen, manualRollback } from '../../lib/core/leftovers';
import type { Leftover } from '../../lib/core/run';
import { planFixture } from '../support/plan-fixture';
import { read } from './markdown';

const RUNBOOK = read('docs/operations.md');
/** Of two databases, since what is run in each of them stands in the runbook once. */
const plan = planFixture({ sync: 'replication', followedDatabases: ['Lager "2"'] });
const byHand = byHandOf(plan);

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
    .replace(/bluegreen_[0-9a-f]{10}_[0-9a-f]{10}/g, '<channel>')
    .replace(/dbname=(orders|Lager "2")/g, 'dbname=<database>')
    .replace(/\\"(orders|Lager ""2"")\\"/g, '\\"<database>\\"');
}

function commandsOf(leftovers: readonly Leftover[]): string[] {
  return [...new Set(leftovers.map(({ command }) => generalized(command)))];
}

/** The runbook from a heading to the next. */
function sectionOf(heading: string): string {
  const from = RUNBOOK.indexOf(`\n## ${heading}\n`);
  expect(from).toBeGreaterThan(0);
  return RUNBOOK.slice(from, RUNBOOK.indexOf('\n## ', from + 1));
}

function expectInOrder(commands: readonly string[], section: string): void {
  const positions = commands.map((command) => ({ command, position: section.indexOf(command) }));
  expect(positions.filter(({ position }) => position < 0)).toEqual([]);
  expect(positions).toEqual([...positions].sort((one, other) => one.position - other.position));
}

test.each(['freeze', 'replication'] as const)(
  'the commands that finish a rollback by hand stand in the runbook in their order, with sync: "%s"',
  (sync) => {
    const commands = commandsOf(manualRollback({ ...plan, sync }, 'run-1', byHand));
    expect(commands).toHaveLength(sync === 'freeze' ? 6 : 7);
    expectInOrder(commands, sectionOf('How do I finish a rollback by hand?'));
  },
);

test('the commands for what stays when green serves stand in the runbook in their order', () => {
  const there = { record: true, blue: true, snapshot: true };
  const commands = commandsOf(leftOnGreen(plan, 'run-1', { ...there, wayBack: true }, byHand));
  expect(commands).toHaveLength(4);
  expect(commandsOf(leftOnGreen(plan, 'run-1', { ...there, wayBack: false }, byHand))).toHaveLength(3);
  expectInOrder(commands, sectionOf('What if it fails in bake or retire?'));
});

test('the commands for what stays after a failback stand in the runbook in their order', () => {
  const commands = commandsOf(leftAfterFailback(plan, 'run-1', { green: true, snapshot: true }, byHand));
  expect(commands).toHaveLength(2);
  expectInOrder(commands, sectionOf('What is left after a failback?'));
});

describe('the table of errors', () => {
  const rows = new Map(
    [...RUNBOOK.matchAll(/^\| `(\w+)`\s*\|[^|]+\|([^|]+)\|([^|]+)\|$/gm)].map(([, name = '', does = '', todo = '']) => [
      name,
      { does: does.trim(), todo: todo.trim() },
    ]),
  );

  test('knows every error a run can end with, and no other', () => {
    expect([...rows.keys()].sort()).toEqual(Object.keys(ERROR_POLICIES).sort());
  });

  test.each(Object.entries(ERROR_POLICIES))('says of %s what its policy "%s" means, and what to do', (name, policy) => {
    const words = { refuse: /^refuses/, stop: /^rolls back/, retry: /^tries again/ };
    // what only bake finds out, when green serves already
    expect(rows.get(name)?.does).toMatch(name === 'AlarmFired' ? /^fails back/ : words[policy]);
    expect(rows.get(name)?.todo).not.toBe('');
  });
});
