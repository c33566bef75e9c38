/** The alarms a run watches while it bakes. */
export interface Alarms {
  /** Which of these alarms fire now, with why, in words. @throws TemporarilyUnavailable when they cannot be asked */
  firing(names: readonly string[]): Promise<readonly string[]>;
}
