/** The Alarms port of the local runtime: alarms that somebody lets fire. */
import type { Alarms } from '../ports/alarms';

export class LocalAlarms implements Alarms {
  private readonly fired = new Map<string, string>();

  /** @param why in words, for the report */
  fire(name: string, why: string): void {
    this.fired.set(name, why);
  }

  firing = async (names: readonly string[]): Promise<string[]> =>
    names.flatMap((name) => (this.fired.has(name) ? [`alarm "${name}" fires: ${this.fired.get(name)}`] : []));
}
