/** What the local Route 53 makes of time: how long a change takes, and how much may be asked. */

export interface Route53Settings {
  /** From accepting a change until it is INSYNC, on the runtime's clock. */
  insyncMs: number;
  /** From accepting a change until resolvers are answered with it, in real time. */
  answersMs: number;
  /** How long a zone is busy with a change; another one that comes meanwhile is refused with PriorRequestNotComplete. */
  processingMs: number;
  /** Requests of the account within a second; more are refused with Throttling. */
  requestsPerSecond: number;
}

/**
 * "Generally within 60 seconds" (API reference, ChangeResourceRecordSets); people report 10 to 120 s. Five requests a
 * second was the documented quota for years (developer guide, "Quotas"), by now there are more, but all of the account
 * shares them. That a zone is still busy when the change was answered is reported by users (nixops #177, rancher #2529).
 */
export const ROUTE53_DEFAULTS: Route53Settings = {
  insyncMs: 45_000,
  answersMs: 0,
  processingMs: 250,
  requestsPerSecond: 5,
};
