/**
 * What the reaper process runs: the source text of a small Node program.
 *
 * It is text handed to `node -e`, not a file to be found: so it runs the same from TypeScript under tsx or jest and from
 * compiled JavaScript, starts in the time of a bare Node, and a bundler or a moved folder cannot lose it.
 */
export const REAPER_PROGRAM = `
const { readFileSync } = require('node:fs');
const watched = new Map();
// A terminal's Ctrl-C and a supervisor's TERM are for the runtime: it ends the servers in order, and then closes our input.
for (const signal of ['SIGINT', 'SIGTERM', 'SIGHUP', 'SIGQUIT']) process.on(signal, () => {});

const startedAt = (pid) => {
  try {
    const stat = readFileSync('/proc/' + pid + '/stat', 'utf8');
    const fields = stat.slice(stat.lastIndexOf(')') + 2).split(' ');
    return fields[0] === 'Z' ? 'gone' : fields[19];
  } catch {
    try { process.kill(pid, 0); return 'unknown'; } catch { return 'gone'; }
  }
};
const send = (pid, signal) => { try { process.kill(pid, signal); } catch {} };
const remaining = () => [...watched].filter(([pid, entry]) => startedAt(pid) === entry.startedAt);

require('node:readline').createInterface({ input: process.stdin })
  .on('line', (line) => {
    const [verb, pid, signal, scope] = line.split(' ');
    if (verb === 'watch') watched.set(Number(pid), { startedAt: startedAt(Number(pid)), signal, group: scope === 'group' });
    else watched.delete(Number(pid));
  })
  .on('close', () => {
    for (const [pid, entry] of remaining()) send(entry.group ? -pid : pid, entry.signal);
    const deadline = Date.now() + 10000;
    const look = () => {
      const left = remaining();
      if (left.length === 0) process.exit(0);
      if (Date.now() > deadline) {
        for (const [pid, entry] of left) send(entry.group ? -pid : pid, 'SIGKILL');
        process.exit(1);
      }
      setTimeout(look, 20);
    };
    look();
  });
`;
