/** A local RDS in a process of its own, to be killed: `node rds-process.js <state folder> <delays as JSON>`. */

import { setTimeout as pause } from 'node:timers/promises';
import { LocalRds } from '../../lib/local/rds/local-rds';
import { Reaper } from '../../lib/local/reaper/reaper';
import { installedSoftware } from '../../lib/local/servers/installed-software';

async function main(): Promise<void> {
  const [stateFolder = '', delays = '{}'] = process.argv.slice(2);
  const reaper = Reaper.start();
  const rds = await LocalRds.open({
    stateFolder,
    delays: JSON.parse(delays),
    reaper,
    software: await installedSoftware(),
    clock: { now: () => Date.now(), sleep: (ms, signal) => pause(ms, undefined, signal ? { signal } : {}) },
  });
  const { url } = await rds.serve();
  process.stdout.write(`${JSON.stringify({ url, reaper: reaper.pid })}\n`);
}

void main();
