/** Time as an argument: everything that waits or asks what time it is gets a Clock, so that tests and the local runtime can bend it. */
export interface Clock {
  /** The current time in milliseconds since the epoch, on this clock's scale. */
  now(): number;
  /**
   * Resolves after `ms` milliseconds on this clock's scale.
   *
   * @throws the signal's reason when `signal` is aborted before the time is over.
   */
  sleep(ms: number, signal?: AbortSignal): Promise<void>;
}
