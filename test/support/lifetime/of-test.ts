/** What belongs to the test that asks for it, or to its file when a hook for all tests does, and is gone with that. */
import type { ChildProcess } from 'node:child_process';
import { chmod, mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { Reaper } from '../../../lib/local/reaper/reaper';
import type { Lifetime } from './lifetime';
import { endProcesses } from './processes';

/**
 * Calls `end` when the test is over, unless that was done before.
 *
 * @returns does it sooner; it is called once, however often
 * @throws TestIsOver when it already is; then `end` is called at once
 */
export function endsWithTest(end: () => Promise<unknown>): () => Promise<void> {
  let ended: Promise<unknown> | undefined;
  const once = async () => {
    ended ??= end();
    await ended;
  };
  // a benchmark has none, and ends by itself what it starts
  const { lifetimeOfCaller } = globalThis as { lifetimeOfCaller?: () => Lifetime | undefined };
  lifetimeOfCaller?.()?.add(once);
  return once;
}

/** Where servers live: a folder they reach as whatever user they run, and a reaper that ends those that were made known to it. */
export interface ServerHome {
  readonly folder: string;
  readonly reaper: Reaper;
  /** Ends the servers and removes the folder, sooner than the test's end does. */
  readonly close: () => Promise<void>;
}

export async function serverHome(prefix: string): Promise<ServerHome> {
  const folder = await mkdtemp(join(tmpdir(), prefix));
  const reaper = Reaper.start();
  const close = endsWithTest(async () => {
    await reaper.close();
    await rm(folder, { recursive: true, force: true });
  });
  await chmod(folder, 0o755);
  return { folder, reaper, close };
}

/** With whatever it starts itself. */
export function childOfTest<Child extends ChildProcess>(child: Child): Child {
  const { pid } = child;
  if (pid !== undefined) {
    const reaper = Reaper.start(); // if this very process is killed
    reaper.watch(pid);
    endsWithTest(async () => {
      if (child.exitCode === null && child.signalCode === null) {
        await endProcesses([pid]);
      }
      await reaper.close();
    });
  }
  return child;
}
