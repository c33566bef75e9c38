/** How every client of an AWS API connects: a way that is closed is found out about in seconds, and an answer that does not come is not waited for. */
import { CONNECTION_TIMEOUT_MS } from '../network/bounded-socket';

/**
 * Without these the SDK waits as long as the operating system does, about two minutes for each attempt, where a subnet has
 * no way to an API: nobody answers there, not even with a refusal. `requestTimeout` alone would only warn, as the SDK's
 * NodeHttpHandler documents; it bounds what a connection that was made may take, TLS included.
 */
export const CLIENT_OPTIONS = {
  requestHandler: { connectionTimeout: CONNECTION_TIMEOUT_MS, requestTimeout: 15_000, throwOnRequestTimeout: true },
} as const;
