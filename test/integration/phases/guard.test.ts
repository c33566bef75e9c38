/** The guard on real servers and the real state machine behind the local Step Functions API: what it recovers, and what it leaves alone. */
import { DescribeExecutionCommand, SFNClient, StartExecutionCommand, StopExecutionCommand } from '@aws-sdk/client-sfn';
import { guard } from '../../../lambdas/guard';
import { prepare } from '../../../lambdas/prepare';
import { rollback } from '../../../lambdas/rollback';
import { snapshot } from '../../../lambdas/snapshot';
import { synthesizeDefinition } from '../../../lib/constructs/synthesized-definition';
import type { SeenExecution } from '../../../lib/core/guarding';
import { done } from '../../../lib/core/progress';
import type { Run } from '../../../lib/core/run';
import { serveStates } from '../../../lib/local/states/states-endpoint';
import { StatesService, type TaskHandler } from '../../../lib/local/states/states-service';
import type { Recovered } from '../../../lib/ports/executions';
import { RunExecutions } from '../../../lib/runs/run-executions';
import { clientOptions, PhaseWorld } from '../../support/phase-world';

let world: PhaseWorld;
let service: StatesService;
let sfn: SFNClient;
let stateMachineArn: string;
let closeEndpoint: () => Promise<void>;
/** Called when a run has frozen blue; it stays there until the test is over or the execution is stopped. */
let frozen: () => void;
/** Whether the rollback hangs, too. */
let rollbackHangs = false;

beforeAll(async () => {
  world = await PhaseWorld.open();
  const { definition, functions } = synthesizeDefinition(world.plan);
  const phases = { prepare, snapshot, rollback };
  const handlers = Object.entries(phases).map(([name, phase]): [string, TaskHandler] => [
    functions[name as 'prepare'],
    async (payload, context) => {
      const { runId, ...run } = payload as Run;
      if (name === 'rollback' && rollbackHangs) {
        return untilStopped(context);
      }
      return world.invoke(phase as typeof rollback, runId, run);
    },
  ]);
  const hang: TaskHandler = (_, context) => {
    frozen();
    return untilStopped(context);
  };
  service = new StatesService({
    clock: world.clock,
    handlers: new Map([...handlers, [functions.clone, hang]]),
  });
  ({ stateMachineArn } = service.createStateMachine({ name: 'bluegreen-small', definition }));
  const endpoint = await serveStates(service);
  closeEndpoint = () => endpoint.close();
  sfn = new SFNClient(clientOptions(endpoint.url));
});
afterAll(async () => {
  for (const { executionArn } of service.listExecutions(stateMachineArn)) {
    service.stopExecution(executionArn); // one that nobody answers has timers that keep the process
  }
  sfn.destroy();
  await closeEndpoint();
  await world.close();
});
afterEach(() => {
  rollbackHangs = false;
});

/** Waits pass quickly only while no function works. */
function untilStopped({ signal }: Parameters<TaskHandler>[1]): Promise<never> {
  return new Promise((_, reject) => signal.addEventListener('abort', () => reject(signal.reason)));
}

async function guarded(ended?: SeenExecution): Promise<Recovered> {
  const progress = await world.invoke(
    async (_run, there) => done('', await guard(there, new RunExecutions(sfn, stateMachineArn), ended)),
    'guard',
  );
  return progress.status === 'done' ? progress.result : {};
}

/** Starts a run and waits until it has frozen blue. */
async function frozenRun(name: string, input: object): Promise<string> {
  const isFrozen = new Promise<void>((resolve) => {
    frozen = resolve;
  });
  const { executionArn = '' } = await sfn.send(
    new StartExecutionCommand({ stateMachineArn, name, input: JSON.stringify(input) }),
  );
  await isFrozen;
  expect(await world.writable(world.blue)).toBe(false);
  return executionArn;
}

const arnOf = (name = '') => `${stateMachineArn.replace(':stateMachine:', ':execution:')}:${name}`;

async function endOf(name: string | undefined) {
  await service.result(arnOf(name));
  const { error, cause } = await sfn.send(new DescribeExecutionCommand({ executionArn: arnOf(name) }));
  return { error, ...(JSON.parse(cause ?? '{}') as { reason?: { message: string } }) };
}

describe('the guard', () => {
  it('leaves a run alone that is under way, and recovers it when it was stopped and no event came, whatever its input says', async () => {
    const executionArn = await frozenRun('run-1', { recover: false, note: true });
    expect(await guarded()).toEqual({});
    await sfn.send(new StopExecutionCommand({ executionArn }));
    const recovered = await guarded();
    expect(Object.keys(recovered)).toEqual(['run-1']);
    expect(await endOf(recovered['run-1'])).toMatchObject({
      error: 'RolledBack',
      reason: { message: 'execution run-1 ended with status ABORTED before the run was over' },
    });
    expect(await world.writable(world.blue)).toBe(true);
    expect(await guarded()).toEqual({}); // it is over
  });

  it('lifts a freeze whose run no execution is there for', async () => {
    await world.complete(prepare, 'forgotten');
    await world.complete(snapshot, 'forgotten');
    expect(await world.writable(world.blue)).toBe(false);
    const recovered = await guarded();
    expect(Object.keys(recovered)).toEqual(['forgotten']);
    expect(await endOf(recovered.forgotten)).toMatchObject({ error: 'RolledBack' });
    expect(await world.writable(world.blue)).toBe(true);
  });

  it('believes the event before the listing, which may be late', async () => {
    const executionArn = await frozenRun('run-2', {});
    const ended = { name: 'run-2', status: 'ABORTED', endedMs: world.clock.now() };
    const { 'run-2': name } = await guarded(ended);
    await sfn.send(new StopExecutionCommand({ executionArn }));
    expect(await endOf(name)).toMatchObject({ error: 'RolledBack' });
  });

  it('recovers three times what breaks off each time, and then calls somebody', async () => {
    const executionArn = await frozenRun('run-3', {});
    rollbackHangs = true;
    await sfn.send(new StopExecutionCommand({ executionArn }));
    const names = new Set<string>();
    for (let attempt = 1; attempt <= 3; attempt += 1) {
      const { 'run-3': name = '' } = await guarded();
      names.add(name);
      expect(await guarded()).toEqual({}); // it is under way
      await sfn.send(new StopExecutionCommand({ executionArn: arnOf(name) }));
    }
    expect(names.size).toBe(3);
    rollbackHangs = false;
    await expect(guarded()).rejects.toThrow(/^recovered 3 times in vain; .* run "run-3": execution run-3-recovery-/);
    // the freeze is a cause of its own: who cannot write is helped once more
    const [helped] = service.listExecutions(stateMachineArn);
    expect(names).not.toContain(helped?.name);
    expect(await endOf(helped?.name)).toMatchObject({ error: 'RolledBack' });
    expect(await world.writable(world.blue)).toBe(true);
  });
});
