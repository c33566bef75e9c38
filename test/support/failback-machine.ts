/** The deployed state machine behind a local endpoint, with phases that do what the test says. */
import { synthesizeDefinition } from '../../lib/constructs/synthesized-definition';
import { PHASES } from '../../lib/core/phases';
import type { Progress } from '../../lib/core/progress';
import type { FailbackResult, Run } from '../../lib/core/run';
import { PacedClock } from '../../lib/local/clock/paced-clock';
import { RealClock } from '../../lib/local/clock/real-clock';
import { serveStates } from '../../lib/local/states/states-endpoint';
import { StatesService } from '../../lib/local/states/states-service';
import { endsWithTest } from './lifetime/of-test';
import { planFixture } from './plan-fixture';

export interface FailbackMachine {
  readonly service: StatesService;
  readonly stateMachineArn: string;
  readonly url: string;
  /** What every invocation of a phase answers from now on. */
  answer(invoke: (run: Run) => Promise<Progress<FailbackResult>>): void;
  /** Name and input of every execution, the first one first. */
  executions(): { name: string; input: unknown }[];
  /** A second machine at the same endpoint. */
  addMachine(name: string): void;
  close(): Promise<void>;
}

export const FAILED_BACK: Progress<FailbackResult> = {
  status: 'done',
  detail: 'blue serves again',
  result: {
    outcome: 'failed-back',
    serving: 'blue',
    reasons: [],
    leftovers: [{ what: 'green orders-green, refusing writes', command: 'aws rds delete-db-instance …' }],
  },
};

/** Making the definition is the slow part, and it is the same for all. */
let synthesized: ReturnType<typeof synthesizeDefinition> | undefined;

export async function openFailbackMachine(): Promise<FailbackMachine> {
  synthesized ??= synthesizeDefinition(planFixture({ sync: 'replication' }));
  const { definition, functions } = synthesized;
  let invoke = async (_run: Run) => FAILED_BACK;
  const service = new StatesService({
    clock: new PacedClock(new RealClock(), 1_000),
    handlers: new Map(PHASES.map((phase) => [functions[phase], (payload) => invoke(payload as Run)])),
  });
  const { stateMachineArn } = service.createStateMachine({ name: 'bluegreen-orders', definition });
  const endpoint = await serveStates(service);
  const close = endsWithTest(async () => {
    for (const { executionArn } of service.listExecutions(stateMachineArn)) {
      service.stopExecution(executionArn); // one that nobody answers has timers that keep the process
    }
    await endpoint.close();
  });
  return {
    service,
    stateMachineArn,
    url: endpoint.url,
    answer: (next) => {
      invoke = next;
    },
    executions: () =>
      service
        .listExecutions(stateMachineArn)
        .map(({ name, input }) => ({ name, input: JSON.parse(input) as unknown }))
        .reverse(),
    addMachine: (name) => {
      service.createStateMachine({ name, definition });
    },
    close,
  };
}
