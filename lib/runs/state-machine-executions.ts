/** Executions of state machines, started and watched through the Step Functions API of AWS or of the local runtime. */
import {
  DescribeExecutionCommand,
  ExecutionAlreadyExists,
  GetExecutionHistoryCommand,
  type HistoryEvent,
  ListStateMachinesCommand,
  SFNClient,
  StartExecutionCommand,
} from '@aws-sdk/client-sfn';
import { CLIENT_OPTIONS } from '../aws/client-options';
import { StepFunctionsRefused } from './step-functions-refused';

/** Of 1,000 at most. Source: Step Functions API reference, GetExecutionHistory. */
const EVENTS_PER_PAGE = 1_000;
const ATTEMPTS = 5;

export interface ExecutionsOptions {
  readonly region: string;
  /** @default - AWS's own endpoint of the region */
  readonly endpoint?: string;
  /** @default - what the SDK's default chain finds */
  readonly credentials?: { readonly accessKeyId: string; readonly secretAccessKey: string };
  /** Aborting it breaks off every request. */
  readonly signal: AbortSignal;
}

export interface ExecutionSeen {
  readonly status: string;
  readonly input: string | undefined;
  readonly output: string | undefined;
  readonly error: string | undefined;
  readonly cause: string | undefined;
}

export class StateMachineExecutions {
  private readonly client: SFNClient;
  private readonly signal: AbortSignal;

  constructor({ signal, ...options }: ExecutionsOptions) {
    this.signal = signal;
    this.client = new SFNClient({ ...CLIENT_OPTIONS, ...options, maxAttempts: ATTEMPTS });
  }

  /** ARNs of the state machines there are, for an endpoint with few of them. */
  async stateMachines(): Promise<string[]> {
    const { stateMachines = [] } = await asked('ListStateMachines', () =>
      this.client.send(new ListStateMachinesCommand({}), { abortSignal: this.signal }),
    );
    return stateMachines.flatMap(({ stateMachineArn }) => stateMachineArn ?? []);
  }

  /** @returns whether it has begun, now or before and is under way with this input; false when the name was used up */
  async start(stateMachineArn: string, name: string, input: object): Promise<boolean> {
    return asked('StartExecution', async () => {
      try {
        const command = new StartExecutionCommand({ stateMachineArn, name, input: JSON.stringify(input) });
        await this.client.send(command, { abortSignal: this.signal });
        return true;
      } catch (error) {
        if (error instanceof ExecutionAlreadyExists) {
          return false;
        }
        throw error;
      }
    });
  }

  async look(executionArn: string): Promise<ExecutionSeen> {
    const { status, input, output, error, cause } = await asked('DescribeExecution', () =>
      this.client.send(new DescribeExecutionCommand({ executionArn }), { abortSignal: this.signal }),
    );
    return { status: status ?? '', input, output, error, cause };
  }

  /** Everything that has happened so far, in its order. */
  async events(executionArn: string): Promise<HistoryEvent[]> {
    const events: HistoryEvent[] = [];
    let nextToken: string | undefined;
    do {
      const command = new GetExecutionHistoryCommand({
        executionArn,
        maxResults: EVENTS_PER_PAGE,
        ...(nextToken !== undefined && { nextToken }),
      });
      const page = await asked('GetExecutionHistory', () => this.client.send(command, { abortSignal: this.signal }));
      events.push(...(page.events ?? []));
      nextToken = page.nextToken;
    } while (nextToken !== undefined);
    return events;
  }

  close(): void {
    this.client.destroy();
  }
}

export function executionArn(stateMachineArn: string, name: string): string {
  return `${stateMachineArn.replace(':stateMachine:', ':execution:')}:${name}`;
}

/** @throws StepFunctionsRefused */
async function asked<Answer>(operation: string, request: () => Promise<Answer>): Promise<Answer> {
  try {
    return await request();
  } catch (error) {
    throw StepFunctionsRefused.from(operation, error) ?? error;
  }
}
