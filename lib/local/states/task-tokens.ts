/** The tokens that callback tasks have handed out, and the answers that come back for them. */
import type { JsonValue } from './json-value';
import { uuidFrom } from './random-id';
import { TaskError } from './task-runner';

export type TokenState = 'waiting' | 'closed' | 'unknown' | 'malformed';

/** A token handed out and not yet answered, as the waiting task sees it. */
export interface IssuedToken {
  readonly token: string;
  /** Resolves with the output of SendTaskSuccess, rejects with a TaskError on SendTaskFailure. */
  readonly answer: Promise<JsonValue>;
  /** Called on every SendTaskHeartbeat. */
  onHeartbeat: () => void;
  /** The task no longer waits: whoever answers now is told so. */
  close(): void;
}

interface Waiting {
  readonly succeed: (output: JsonValue) => void;
  readonly fail: (error: TaskError) => void;
  readonly issued: IssuedToken;
}

const PREFIX = 'bluegreen-task-';

export class TaskTokens {
  private readonly waiting = new Map<string, Waiting>();
  private readonly closed = new Set<string>();

  constructor(private readonly random: () => number) {}

  issue(): IssuedToken {
    const token = Buffer.from(`${PREFIX}${uuidFrom(this.random)}`).toString('base64');
    let succeed: (output: JsonValue) => void = () => {};
    let fail: (error: TaskError) => void = () => {};
    const answer = new Promise<JsonValue>((resolve, reject) => {
      succeed = resolve;
      fail = reject;
    });
    // A failure may arrive before the task has begun to listen, while its handler still runs.
    answer.catch(() => {});
    const issued: IssuedToken = { token, answer, onHeartbeat: () => {}, close: () => this.close(token) };
    this.waiting.set(token, { succeed, fail, issued });
    return issued;
  }

  /** What has become of a token; decides which of the service's errors its user gets. */
  state(token: string): TokenState {
    if (this.waiting.has(token)) return 'waiting';
    if (this.closed.has(token)) return 'closed';
    return Buffer.from(token, 'base64').toString().startsWith(PREFIX) ? 'unknown' : 'malformed';
  }

  succeed(token: string, output: JsonValue): void {
    this.waiting.get(token)?.succeed(output);
    this.close(token);
  }

  fail(token: string, error: string | undefined, cause: string | undefined): void {
    this.waiting.get(token)?.fail(new TaskError(error, cause));
    this.close(token);
  }

  heartbeat(token: string): void {
    this.waiting.get(token)?.issued.onHeartbeat();
  }

  private close(token: string): void {
    if (this.waiting.delete(token)) this.closed.add(token);
  }
}
