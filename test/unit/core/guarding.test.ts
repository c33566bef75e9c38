import { MOST_RECOVERIES, recoveryName, runIdOf, type SeenExecution, unfinished } from '../../../lib/core/guarding';

let clock = 0;
/** Every execution ends after those before. */
function tick(): number {
  clock += 1;
  return clock;
}

const seen = (name: string, status: string, more: Partial<SeenExecution> = {}): SeenExecution => ({
  name,
  status,
  input: '{}',
  ...(status !== 'RUNNING' && { endedMs: tick() }),
  ...more,
});
const found = (...executions: SeenExecution[]) => unfinished(executions).map(({ runId }) => runId);

describe('a run is not over', () => {
  it.each<[string, SeenExecution]>([
    ['was stopped', seen('r', 'ABORTED')],
    ['timed out', seen('r', 'TIMED_OUT')],
    ['broke off', seen('r', 'FAILED', { error: 'States.Runtime' })],
    ['failed without a word', seen('r', 'FAILED')],
    ['was stopped, and says that it is no recovery', seen('r', 'ABORTED', { input: '{"recover": false, "x": true}' })],
    ['was stopped, and says that it is one', seen('r', 'ABORTED', { input: '{"recover": true}' })],
    [
      'was stopped, and was started with the end of another',
      seen('x', 'ABORTED', { input: '{"executionArn":"a","name":"r"}' }),
    ],
    [
      'was stopped, and is called like a recovery',
      seen('r', 'ABORTED', { name: 'r-recovery-0123456789ab-1', input: '{"runId":"r"}' }),
    ],
  ])('when its execution %s', (_what, execution) => {
    expect(found(execution)).toEqual(['r']);
  });

  it('when its latest execution is not, however earlier ones ended', () => {
    const input = '{"runId":"r"}';
    expect(found(seen('a', 'FAILED', { error: 'RolledBack', input }), seen('b', 'ABORTED', { input }))).toEqual(['r']);
  });
});

describe('a run is left alone', () => {
  it.each<[string, SeenExecution]>([
    ['migrated', seen('r', 'SUCCEEDED')],
    ['was rolled back', seen('r', 'FAILED', { error: 'RolledBack' })],
    ['was failed back', seen('r', 'FAILED', { error: 'FailedBack' })],
    ['needs attention', seen('r', 'FAILED', { error: 'NeedsAttention' })],
    ['is under way', seen('r', 'RUNNING')],
    ['is about to be redriven', seen('r', 'PENDING_REDRIVE')],
  ])('that %s', (_what, execution) => {
    expect(found(execution)).toEqual([]);
  });

  it('while another execution of it is under way', () => {
    const input = '{"runId":"r"}';
    expect(found(seen('a', 'ABORTED', { input }), seen('b', 'RUNNING', { input }))).toEqual([]);
  });

  it('when a recovery came to an end', () => {
    const input = '{"runId":"r","recover":true}';
    expect(found(seen('r', 'ABORTED'), seen('c', 'FAILED', { error: 'RolledBack', input }))).toEqual([]);
  });
});

test('recoveries that break off are counted for the execution they were started for', () => {
  const stopped = seen('r', 'ABORTED');
  const [first] = unfinished([stopped]);
  const input = '{"runId":"r","recover":true}';
  const broken = Array.from({ length: MOST_RECOVERIES }, (_, index) =>
    seen(recoveryName(first as never, index + 1), 'ABORTED', { input }),
  );
  const [again] = unfinished([stopped, ...broken]);
  expect(again).toMatchObject({ runId: 'r', cause: first?.cause });
  expect(again?.why).toMatch(/^execution r-recovery-[0-9a-f]{12}-3 ended with status ABORTED before the run was over$/);
});

test('names of recoveries are names that Step Functions takes, the same for the same cause only', () => {
  const run = { runId: `release 42/${'x'.repeat(64)}`, cause: 'execution a', why: '' };
  const name = recoveryName(run, 1);
  expect(name).toMatch(/^[0-9A-Za-z_-]{1,80}$/);
  expect(recoveryName({ ...run, why: 'other' }, 1)).toBe(name);
  expect(recoveryName(run, 2)).not.toBe(name);
  expect(recoveryName({ ...run, cause: 'execution b' }, 1)).not.toBe(name);
});

test('an input that is no JSON, or is missing, leaves the name', () => {
  expect(['nonsense', undefined, 'null', '"runId"'].map((input) => runIdOf({ name: 'r', status: '', input }))).toEqual(
    Array(4).fill('r'),
  );
});
