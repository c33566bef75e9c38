/** What clients take for the endpoint's target: as a resolver's cache does, it holds on to an answer until its TTL is over. */
import type { FrontTarget } from './endpoint-front';

export class ResolverCache {
  private cached: { readonly target: FrontTarget; readonly untilMs: number } | undefined;

  constructor(
    /** The truth, which changes at once. */
    public target: FrontTarget | undefined,
    private readonly ttlMs: number,
    private readonly now: () => number,
  ) {}

  /** The answer may be as old as the TTL; that there is no target is not remembered. */
  resolve(): FrontTarget | undefined {
    const nowMs = this.now();
    if (this.cached && nowMs < this.cached.untilMs) return this.cached.target;
    this.cached = this.target && { target: this.target, untilMs: nowMs + this.ttlMs };
    return this.target;
  }
}
