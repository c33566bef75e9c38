/** What one invocation of a phase answers: it is waiting for the world, or it is done. */

/** Small facts a phase wants back at its next invocation; losing them costs time, never correctness. */
export type Memo = Readonly<Record<string, string | number | boolean>>;

export interface Waiting {
  readonly status: 'waiting';
  /** Seconds until the phase should be invoked again. */
  readonly retryAfterSeconds: number;
  /** What it waits for, in words for the operator. */
  readonly detail: string;
  readonly memo: Memo;
  /** How many invocations are to work on it at the same time first; each is told its number. */
  readonly workers?: number;
}

export interface Done<Result> {
  readonly status: 'done';
  /** What it did, in words for the operator. */
  readonly detail: string;
  readonly result: Result;
}

export type Progress<Result> = Waiting | Done<Result>;

export function waiting(retryAfterSeconds: number, detail: string, memo: Memo = {}): Waiting {
  return { status: 'waiting', retryAfterSeconds, detail, memo };
}

/** Seconds after which to look again for what may come soon or late; the state machine makes the pauses grow. */
export const LOOK_AGAIN_SECONDS = 15;

export function done<Result>(detail: string, result: Result): Done<Result> {
  return { status: 'done', detail, result };
}
