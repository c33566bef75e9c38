/** `bluegreen failback` against the state machine alone: which execution it starts or watches, what it prints, what it refuses. */
import { createServer, type Server } from 'node:http';
import { failback } from '../../../lib/cli/verbs/failback';
import { TemporarilyUnavailable } from '../../../lib/core/errors';
import { ExpectedError } from '../../../lib/core/expected-error';
import { bluegreen } from '../../support/command-line';
import { FAILED_BACK, type FailbackMachine, openFailbackMachine } from '../../support/failback-machine';

const RUN = 'orders-20260101-abcdef';

let machine: FailbackMachine;
beforeEach(async () => {
  machine = await openFailbackMachine();
});
afterEach(() => machine.close());

interface Said {
  stdout: string;
  stderr: string;
  /** Looks at the execution after which it was still running. */
  pauses: number;
}

/** Runs the verb in this process; `onPause` happens instead of its waits. */
async function verb(args: readonly string[], onPause: (signal?: AbortSignal) => Promise<void> = async () => undefined) {
  const said: Said = { stdout: '', stderr: '', pauses: 0 };
  const stream = (name: 'stdout' | 'stderr') =>
    ({
      write: (text: string) => {
        said[name] += text;
        return true;
      },
    }) as NodeJS.WriteStream;
  const clock = {
    sleep: async (_ms: number, signal?: AbortSignal) => {
      said.pauses += 1;
      await onPause(signal);
      signal?.throwIfAborted();
    },
  };
  const code = await failback(args, { stdout: stream('stdout'), stderr: stream('stderr') }, clock);
  return { code, ...said };
}

async function refused(args: readonly string[]): Promise<string> {
  const error: unknown = await verb(args).catch((reason: unknown) => reason);
  expect(error).toBeInstanceOf(Error);
  expect(error).toBeInstanceOf(ExpectedError);
  return (error as Error).message;
}

function here(): string[] {
  return ['--endpoint-url', machine.url];
}

function start(name: string, input: string): string {
  return machine.service.startExecution({ stateMachineArn: machine.stateMachineArn, name, input }).executionArn;
}

/** A failback that is done when the returned function is called. */
function held(): () => void {
  let release = () => {};
  const done = new Promise<void>((resolve) => {
    release = resolve;
  });
  machine.answer(async () => {
    await done;
    return FAILED_BACK;
  });
  return release;
}

const INPUT = { runId: RUN, failback: true };

describe('the execution', () => {
  test('is named after the run, and asks for its failback', async () => {
    const { code, stdout } = await verb([RUN, ...here(), '--state-machine', machine.stateMachineArn]);
    expect(code).toBe(4);
    expect(machine.executions()).toEqual([{ name: `${RUN}-failback`, input: INPUT }]);
    expect(stdout).toContain(
      `run ${RUN} moves back to blue, by execution arn:aws:states:us-east-1:123456789012:execution:bluegreen-orders:${RUN}-failback\n`,
    );
  });

  test('gets a number when its name was used before', async () => {
    for (const _ of [1, 2, 3]) {
      expect((await verb([RUN, ...here()])).code).toBe(4);
    }
    expect(machine.executions().map(({ name }) => name)).toEqual([
      `${RUN}-failback`,
      `${RUN}-failback-2`,
      `${RUN}-failback-3`,
    ]);
  });

  test('of a run id of 64 characters has a name that Step Functions takes', async () => {
    const longest = 'r'.repeat(64);
    await verb([longest, ...here()]);
    await verb([longest, ...here()]);
    expect(machine.executions().map(({ name }) => name.length)).toEqual([73, 75]);
  });

  test.each([
    ['by this verb', JSON.stringify(INPUT)],
    ['by hand', `{ "failback": true, "runId": "${RUN}" }`],
  ])('that is under way, started %s, is watched instead of starting another', async (_by, input) => {
    const release = held();
    start(`${RUN}-failback`, input);
    const { code, pauses } = await verb([RUN, ...here()], async () => release());
    expect({ code, executions: machine.executions().length }).toEqual({ code: 4, executions: 1 });
    expect(pauses).toBeGreaterThan(0);
  });

  test.each([
    ['of another failback', `{"runId":"${RUN}-other","failback":true}`],
    ['of another run, named so', '{}'],
  ])('of that name but %s is left alone', async (_what, input) => {
    let invocations = 0;
    machine.answer(async () => {
      invocations += 1;
      return invocations === 1 ? new Promise(() => {}) : FAILED_BACK;
    });
    start(`${RUN}-failback`, input);
    expect((await verb([RUN, ...here()])).code).toBe(4);
    expect(machine.executions().map(({ name }) => name)).toEqual([`${RUN}-failback`, `${RUN}-failback-2`]);
  });
});

describe('what is printed', () => {
  test('is one line per change, how it ended, and what is left with the command for it', async () => {
    const attempts = ['first', 'second'];
    machine.answer(async () => {
      switch (attempts.shift()) {
        case 'first':
          return { status: 'waiting', retryAfterSeconds: 15, detail: 'attempt 1 of 3 did not get through', memo: {} };
        case 'second':
          throw new TemporarilyUnavailable('blue', { cause: new Error('it is starting') });
        default:
          return FAILED_BACK;
      }
    });
    const { stdout, stderr } = await verb([RUN, ...here()]);
    const lines = stdout.split('\n');
    expect(lines.slice(lines.indexOf(''))).toEqual([
      '',
      'failed-back: blue serves the application',
      '  FailbackRequested:',
      '    the failback was started by hand',
      '  left behind:',
      '    green orders-green, refusing writes',
      '      aws rds delete-db-instance …',
      '',
    ]);
    expect(lines).toContainEqual(expect.stringMatching(/^ {2}failback {3}done +\d+\.\d s {3}blue serves again$/));
    expect(stderr).toBe('');
  });

  test('with --json is one document, and progress goes to the other output', async () => {
    const { stdout, stderr } = await verb([RUN, ...here(), '--json']);
    expect(JSON.parse(stdout)).toEqual({
      runId: RUN,
      outcome: 'failed-back',
      serving: 'blue',
      reason: { phase: 'failback', error: 'FailbackRequested', message: 'the failback was started by hand' },
      leftovers: [{ what: 'green orders-green, refusing writes', command: 'aws rds delete-db-instance …' }],
    });
    expect(stderr).toContain('failed-back: blue serves the application\n');
  });

  test('of a run that cannot go back is why', async () => {
    machine.answer(async () => ({
      status: 'done',
      detail: 'the application stays on green',
      result: { outcome: 'needs-attention', serving: 'green', reasons: ['blue does not follow green'], leftovers: [] },
    }));
    const { code, stdout } = await verb([RUN, ...here()]);
    expect(stdout).toContain(
      'needs-attention: green serves the application\n  FailbackRequested:\n    the failback was started by hand\n    blue does not follow green\n',
    );
    expect(code).toBe(5);
  });

  test('of a failback that somebody stopped is that nobody could look', async () => {
    machine.answer(() => new Promise(() => {}));
    const arn = start(`${RUN}-failback`, JSON.stringify(INPUT));
    const { code, stdout } = await verb([RUN, ...here(), '--json'], async () => {
      machine.service.stopExecution(arn);
    });
    expect(JSON.parse(stdout)).toEqual({
      runId: RUN,
      outcome: 'needs-attention',
      serving: 'unknown',
      reason: { phase: 'workflow', error: 'ABORTED', message: 'the execution ended with status ABORTED' },
      leftovers: [],
    });
    expect(code).toBe(5);
  });
});

describe('Ctrl-C', () => {
  test('stops watching only, says so, and the same command goes on watching', async () => {
    const release = held();
    const args = [RUN, ...here()];
    const first = await verb(args, async () => {
      process.emit('SIGINT');
      await new Promise(setImmediate);
    });
    expect(first.code).toBe(130);
    expect(first.stdout).toContain(
      `\nnot watching any more; the failback goes on. To watch it:\n  bluegreen failback ${args.join(' ')}\n  aws stepfunctions describe-execution --execution-arn arn:`,
    );
    expect(process.listenerCount('SIGINT')).toBe(0);
    expect((await verb(args, async () => release())).code).toBe(4);
    expect(machine.executions()).toHaveLength(1);
  });

  test('before an answer came says that the failback may have begun', async () => {
    const silent = await listen(() => process.emit('SIGINT'));
    const args = [RUN, '--endpoint-url', silent.url, '--state-machine', machine.stateMachineArn];
    const { code, stdout } = await verb(args);
    expect(code).toBe(130);
    expect(stdout).toContain(`whether the failback has begun is not known. This begins it, or watches it if it has:\n`);
    silent.close();
  });
});

describe('refuses', () => {
  test('everything that is wrong at once', async () => {
    expect(await refused(['a b', '--state-machine', 'arn:aws:states:x', '--endpoint-url', 'http://example.com'])).toBe(
      [
        'run id "a b": must be 1 to 64 letters, digits, hyphens or underscores',
        '--endpoint-url http://example.com: allowed is an address such as http://127.0.0.1:8083; one that is not on this machine begins with https://',
        "--state-machine arn:aws:states:x: allowed is the ARN of a state machine, such as arn:aws:states:eu-central-1:111122223333:stateMachine:Migration; the stack's output StateMachineArn shows it",
        'bluegreen --help says what is allowed',
      ].join('\n'),
    );
  });

  const ARN = 'arn:aws:states:eu-central-1:111122223333:stateMachine:Migration';
  test.each([
    ['no run id', ['--state-machine', ARN], 'the run id is missing'],
    ['two run ids', ['a', 'b', '--state-machine', ARN], '2 run ids (a, b): allowed is one'],
    ['no state machine', [RUN], '--state-machine is missing: allowed is the ARN'],
    [
      'an endpoint elsewhere without state machine',
      [RUN, '--endpoint-url', 'https://vpce'],
      '--state-machine is missing',
    ],
    [
      'the ARN of an execution',
      [RUN, '--state-machine', `${ARN.replace('stateMachine', 'execution')}:x`],
      'allowed is the ARN',
    ],
    ['the ARN of a version', [RUN, '--state-machine', `${ARN}:3`], 'allowed is the ARN of a state machine'],
    [
      'an endpoint that is no address',
      [RUN, '--endpoint-url', '127.0.0.1:8083'],
      '--endpoint-url 127.0.0.1:8083: allowed',
    ],
    ['an unknown option', [RUN, '--force'], "Unknown option '--force'"],
  ])('%s', async (_what, args, message) => {
    expect(await refused(args)).toContain(message);
  });

  test('to choose between several state machines', async () => {
    machine.addMachine('bluegreen-other');
    expect(await refused([RUN, ...here()])).toMatch(
      /^--state-machine is missing, and the endpoint has several state machines: arn:\S+:bluegreen-orders, arn:\S+:bluegreen-other$/m,
    );
    expect(machine.executions()).toEqual([]);
  });

  test('a state machine that does not exist, and says where its ARN is', async () => {
    const arn = machine.stateMachineArn.replace('bluegreen-orders', 'elsewhere');
    expect(await refused([RUN, ...here(), '--state-machine', arn])).toBe(
      `Step Functions: StartExecution failed with StateMachineDoesNotExist (State Machine Does Not Exist: '${arn}'); give the ARN that the stack's output StateMachineArn shows, and use credentials of the account it is in`,
    );
  });

  // In a process of its own: the SDK does not know the errors of sockets for errors inside Jest's.
  test('an address at which nobody listens', async () => {
    const { url, close } = await listen(() => undefined);
    await close();
    const { code, stderr } = await bluegreen(['failback', RUN, '--endpoint-url', url]).ended;
    expect(stderr).toMatch(
      /^error: Step Functions: ListStateMachines failed with ECONNREFUSED .*nobody answered there: check the address/m,
    );
    expect(code).toBe(2);
  });

  // As the services of AWS answer in this protocol: the code in __type, the text in message or Message.
  test.each([
    [
      400,
      { __type: 'AccessDeniedException', Message: 'User: x is not authorized' },
      'allow the caller states:StartExecution',
    ],
    [400, { __type: 'ExpiredTokenException', message: 'it is expired' }, 'the credentials have expired: log in again'],
    [400, { __type: 'UnrecognizedClientException', message: 'it is invalid' }, 'the credentials are not known to AWS'],
    [400, { __type: 'SomethingNew', message: 'whatever it is' }, 'SomethingNew (whatever it is); mend what it names'],
    [404, 'this is another service', 'something else than Step Functions seems to listen there'],
  ])('with what to do, an answer %s %j', async (status, body, message) => {
    const { url, close } = await listen((respond) => respond(status, JSON.stringify(body)));
    expect(await refused([RUN, '--endpoint-url', url, '--state-machine', machine.stateMachineArn])).toContain(message);
    await close();
  });

  test('to watch on when nobody answers any more, with a word about the failback, which goes on', async () => {
    machine.answer(() => new Promise(() => {}));
    const { ended, saw } = bluegreen(['failback', RUN, ...here()]);
    await saw('moves back to blue');
    await machine.close();
    const { code, stdout, stderr } = await ended;
    expect(stdout).toContain('not watching any more; the failback goes on');
    expect(stderr).toMatch(/^error: Step Functions: \w+ failed with ECONN\w+ /m);
    expect(code).toBe(2);
  });
});

/** A server that answers as it is told, or not at all. */
async function listen(answer: (respond: (status: number, body: string) => void) => void) {
  const server: Server = createServer((request, response) => {
    request.resume().once('end', () => answer((status, body) => response.writeHead(status).end(body)));
  }).listen(0, '127.0.0.1');
  await new Promise((resolve) => server.once('listening', resolve));
  const { port } = server.address() as { port: number };
  return {
    url: `http://127.0.0.1:${port}`,
    close: () =>
      new Promise<void>((resolve) => {
        server.closeAllConnections();
        server.close(() => resolve());
      }),
  };
}
