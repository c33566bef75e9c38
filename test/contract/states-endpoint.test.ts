/** The AWS SDK's own client works against the local Step Functions endpoint. */
import {
  DescribeExecutionCommand,
  DescribeStateMachineCommand,
  GetExecutionHistoryCommand,
  ListActivitiesCommand,
  ListExecutionsCommand,
  ListStateMachinesCommand,
  paginateGetExecutionHistory,
  SendTaskFailureCommand,
  SendTaskHeartbeatCommand,
  SendTaskSuccessCommand,
  SFNClient,
  StartExecutionCommand,
  StopExecutionCommand,
} from '@aws-sdk/client-sfn';
import { RealClock } from '../../lib/local/clock/real-clock';
import type { HttpEndpoint } from '../../lib/local/http/http-endpoint';
import { serveStates } from '../../lib/local/states/states-endpoint';
import { StatesService, type TaskHandler } from '../../lib/local/states/states-service';

const APPROVAL = {
  QueryLanguage: 'JSONata',
  StartAt: 'Ask',
  States: {
    Ask: {
      Type: 'Task',
      Resource: 'arn:aws:states:::lambda:invoke.waitForTaskToken',
      Arguments: { FunctionName: 'ask', Payload: { token: '{% $states.context.Task.Token %}' } },
      End: true,
    },
  },
};
const ECHO = {
  QueryLanguage: 'JSONata',
  StartAt: 'Echo',
  States: { Echo: { Type: 'Pass', Output: { said: '{% $states.input %}' }, End: true } },
};

let service: StatesService;
let endpoint: HttpEndpoint;
let client: SFNClient;
let tokens: AsyncTokens;

/** Hands out the tokens that the approval handler was called with, in order. */
class AsyncTokens {
  private readonly seen: string[] = [];
  private readonly waiting: ((token: string) => void)[] = [];
  readonly handler: TaskHandler = async (payload) => {
    const { token } = payload as { token: string };
    const next = this.waiting.shift();
    if (next) next(token);
    else this.seen.push(token);
  };

  next(): Promise<string> {
    const token = this.seen.shift();
    return token === undefined ? new Promise((resolve) => this.waiting.push(resolve)) : Promise.resolve(token);
  }
}

beforeEach(async () => {
  tokens = new AsyncTokens();
  service = new StatesService({ clock: new RealClock(), handlers: new Map([['ask', tokens.handler]]) });
  endpoint = await serveStates(service, {});
  client = new SFNClient({
    endpoint: endpoint.url,
    region: 'us-east-1',
    credentials: { accessKeyId: 'local', secretAccessKey: 'local' },
    maxAttempts: 1,
  });
});

afterEach(async () => {
  client.destroy();
  await endpoint.close();
});

function machine(name: string, definition: object): string {
  return service.createStateMachine({ name, definition }).stateMachineArn;
}

async function started(stateMachineArn: string, more: { name?: string; input?: string } = {}): Promise<string> {
  const { executionArn } = await client.send(new StartExecutionCommand({ stateMachineArn, ...more }));
  return executionArn ?? '';
}

describe('the endpoint', () => {
  test('starts an execution and describes it when it has succeeded', async () => {
    const executionArn = await started(machine('echo', ECHO), { name: 'one', input: '{"a":1}' });
    expect(executionArn).toBe('arn:aws:states:us-east-1:123456789012:execution:echo:one');
    await service.result(executionArn);
    const described = await client.send(new DescribeExecutionCommand({ executionArn }));
    expect(described).toMatchObject({
      executionArn,
      stateMachineArn: 'arn:aws:states:us-east-1:123456789012:stateMachine:echo',
      name: 'one',
      status: 'SUCCEEDED',
      input: '{"a":1}',
      output: '{"said":{"a":1}}',
    });
    expect(described.startDate).toBeInstanceOf(Date);
    expect(described.stopDate).toBeInstanceOf(Date);
    expect(described.error).toBeUndefined();
  });

  test('starting again with the same name and input while running returns the same execution', async () => {
    const arn = machine('approval', APPROVAL);
    const first = await started(arn, { name: 'again', input: '{"x": 1}' });
    expect(await started(arn, { name: 'again', input: '{"x":1}' })).toBe(first);
    await expect(started(arn, { name: 'again', input: '{"x":2}' })).rejects.toMatchObject({
      name: 'ExecutionAlreadyExists',
      message: `Execution Already Exists: '${first}'`,
    });
  });

  test('refuses the name of an execution that has ended', async () => {
    const arn = machine('echo', ECHO);
    const first = await started(arn, { name: 'done' });
    await service.result(first);
    await expect(started(arn, { name: 'done' })).rejects.toMatchObject({ name: 'ExecutionAlreadyExists' });
  });

  test('pages through the history in both directions', async () => {
    const executionArn = await started(machine('echo', ECHO));
    await service.result(executionArn);
    const types: (string | undefined)[] = [];
    for await (const page of paginateGetExecutionHistory(
      { client, pageSize: 3 },
      { executionArn, reverseOrder: true },
    )) {
      expect(page.events?.length).toBeLessThanOrEqual(3);
      types.push(...(page.events ?? []).map(({ type }) => type));
    }
    expect(types).toEqual(['ExecutionSucceeded', 'PassStateExited', 'PassStateEntered', 'ExecutionStarted']);
    const { events } = await client.send(new GetExecutionHistoryCommand({ executionArn }));
    expect(events?.[2]).toMatchObject({
      id: 3,
      previousEventId: 2,
      type: 'PassStateExited',
      stateExitedEventDetails: { name: 'Echo', output: '{"said":{}}' },
    });
    expect(events?.[2]?.timestamp).toBeInstanceOf(Date);
  });

  test('leaves data out of the history when asked to', async () => {
    const executionArn = await started(machine('echo', ECHO));
    await service.result(executionArn);
    const { events } = await client.send(new GetExecutionHistoryCommand({ executionArn, includeExecutionData: false }));
    expect(events?.[1]?.stateEnteredEventDetails).toEqual({ name: 'Echo' });
  });

  test('an approval is given over the task token', async () => {
    const executionArn = await started(machine('approval', APPROVAL));
    const taskToken = await tokens.next();
    await client.send(new SendTaskHeartbeatCommand({ taskToken }));
    await client.send(new SendTaskSuccessCommand({ taskToken, output: '{"approved":true}' }));
    expect(await service.result(executionArn)).toEqual({ status: 'SUCCEEDED', output: { approved: true } });
    await expect(client.send(new SendTaskSuccessCommand({ taskToken, output: '{}' }))).rejects.toMatchObject({
      name: 'TaskTimedOut',
      message: "Task Timed Out: 'Provided task does not exist anymore'",
    });
  });

  test('an approval is refused over the task token', async () => {
    const executionArn = await started(machine('approval', APPROVAL));
    const taskToken = await tokens.next();
    await client.send(new SendTaskFailureCommand({ taskToken, error: 'Declined', cause: 'not today' }));
    expect(await service.result(executionArn)).toEqual({ status: 'FAILED', error: 'Declined', cause: 'not today' });
  });

  test('stops an execution with error and cause', async () => {
    const executionArn = await started(machine('approval', APPROVAL));
    const { stopDate } = await client.send(
      new StopExecutionCommand({ executionArn, error: 'Operator', cause: 'enough' }),
    );
    expect(stopDate).toBeInstanceOf(Date);
    expect(await client.send(new DescribeExecutionCommand({ executionArn }))).toMatchObject({
      status: 'ABORTED',
      error: 'Operator',
      cause: 'enough',
    });
  });

  test('lists executions, the latest first, by status and page', async () => {
    const stateMachineArn = machine('echo', ECHO);
    for (const name of ['a', 'b', 'c']) await service.result(await started(stateMachineArn, { name }));
    const first = await client.send(new ListExecutionsCommand({ stateMachineArn, maxResults: 2 }));
    expect(first.executions?.map(({ name }) => name)).toEqual(['c', 'b']);
    const { nextToken } = first;
    if (nextToken === undefined) throw new Error('there is a second page');
    const second = await client.send(new ListExecutionsCommand({ stateMachineArn, maxResults: 2, nextToken }));
    expect(second.executions?.map(({ name }) => name)).toEqual(['a']);
    expect(second.nextToken).toBeUndefined();
    const running = await client.send(new ListExecutionsCommand({ stateMachineArn, statusFilter: 'RUNNING' }));
    expect(running.executions).toEqual([]);
  });

  test('describes and lists state machines', async () => {
    const stateMachineArn = machine('echo', ECHO);
    const described = await client.send(new DescribeStateMachineCommand({ stateMachineArn }));
    expect(described).toMatchObject({ name: 'echo', status: 'ACTIVE', type: 'STANDARD', stateMachineArn });
    expect(JSON.parse(described.definition ?? '')).toEqual(ECHO);
    const { stateMachines } = await client.send(new ListStateMachinesCommand({}));
    expect(stateMachines).toMatchObject([{ name: 'echo', stateMachineArn }]);
  });
});

describe('the endpoint refuses', () => {
  const missing = 'arn:aws:states:us-east-1:123456789012:execution:echo:missing';

  test.each([
    [
      'an execution that does not exist',
      new DescribeExecutionCommand({ executionArn: missing }),
      'ExecutionDoesNotExist',
      `Execution Does Not Exist: '${missing}'`,
    ],
    [
      'a history that does not exist',
      new GetExecutionHistoryCommand({ executionArn: missing }),
      'ExecutionDoesNotExist',
      `Execution Does Not Exist: '${missing}'`,
    ],
    [
      'what is no ARN',
      new DescribeExecutionCommand({ executionArn: 'one' }),
      'InvalidArn',
      "Invalid Arn: 'Invalid ARN prefix: one'",
    ],
    [
      'a state machine that does not exist',
      new StartExecutionCommand({ stateMachineArn: 'arn:aws:states:us-east-1:123456789012:stateMachine:nope' }),
      'StateMachineDoesNotExist',
      "State Machine Does Not Exist: 'arn:aws:states:us-east-1:123456789012:stateMachine:nope'",
    ],
    [
      'a token it never gave out',
      new SendTaskSuccessCommand({ taskToken: 'made up', output: '{}' }),
      'InvalidToken',
      "Invalid Token: 'Invalid token'",
    ],
    [
      'a token of another run of the engine',
      new SendTaskHeartbeatCommand({ taskToken: Buffer.from('bluegreen-task-other').toString('base64') }),
      'TaskDoesNotExist',
      "Task Does Not Exist: 'Provided task does not exist'",
    ],
    [
      'an output that is not JSON',
      new SendTaskSuccessCommand({ taskToken: 'made up', output: '{' }),
      'InvalidOutput',
      "Invalid Output: '{'",
    ],
    [
      'a request without what it must have',
      new StopExecutionCommand({ executionArn: undefined }),
      'ValidationException',
      "1 validation error detected: Value null at 'executionArn' failed to satisfy constraint: Member must not be null",
    ],
    [
      'a page too large',
      new ListStateMachinesCommand({ maxResults: 1001 }),
      'ValidationException',
      "1 validation error detected: Value 1001 at 'maxResults' failed to satisfy constraint: Member must have value less than or equal to 1000",
    ],
  ])('%s', async (_what, command, name, message) => {
    await expect(client.send(command as DescribeExecutionCommand)).rejects.toMatchObject({ name, message });
  });

  test('a name with forbidden characters', async () => {
    await expect(started(machine('echo', ECHO), { name: 'a b' })).rejects.toMatchObject({
      name: 'InvalidName',
      message: "Invalid Name: 'a b'",
    });
  });

  test('an input that is not JSON', async () => {
    await expect(started(machine('echo', ECHO), { input: '{' })).rejects.toMatchObject({
      name: 'InvalidExecutionInput',
      message: "Invalid State Machine Execution Input: '{' is not JSON",
    });
  });

  test('an operation it does not offer, saying which it does', async () => {
    await expect(client.send(new ListActivitiesCommand({}))).rejects.toMatchObject({
      name: 'UnknownOperationException',
      message: expect.stringContaining("does not offer 'AWSStepFunctions.ListActivities'; it offers StartExecution, "),
    });
  });
});
