/** Live progress: one line per phase, redrawn in place on a terminal, printed at every change elsewhere. */
import { type PhaseState, phaseTimeline, type SeenEvent } from '../report/phase-timeline';

export interface ProgressLines {
  update(events: readonly SeenEvent[]): void;
  /** Draws the last state and leaves it standing. */
  end(): void;
}

const REDRAW_MS = 100;

export function progressLines(out: NodeJS.WriteStream, nowMs: () => number): ProgressLines {
  return out.isTTY ? terminalLines(out, nowMs) : plainLines(out);
}

function terminalLines(out: NodeJS.WriteStream, nowMs: () => number): ProgressLines {
  let phases: PhaseState[] = [];
  let drawn = 0;
  const draw = () => {
    // a line that wraps would be counted as one and drawn over; a terminal that does not know its width says 0
    const width = out.columns > 0 ? out.columns - 1 : undefined;
    const lines = phases.map((phase) => describe(phase, nowMs()).slice(0, width));
    out.write(`${drawn > 0 ? `\u001b[${drawn}A` : ''}${lines.map((line) => `\u001b[2K${line}\n`).join('')}`);
    drawn = lines.length;
  };
  const timer = setInterval(draw, REDRAW_MS);
  timer.unref();
  return {
    update(events) {
      phases = phaseTimeline(events);
    },
    end() {
      clearInterval(timer);
      draw();
    },
  };
}

function plainLines(out: NodeJS.WriteStream): ProgressLines {
  const printed = new Map<string, string>();
  return {
    update(events) {
      const seen = events.at(-1)?.atMs ?? 0;
      for (const phase of phaseTimeline(events)) {
        const said = `${phase.state} ${phase.detail}`;
        if (phase.state !== 'running' && printed.get(phase.name) !== said) {
          printed.set(phase.name, said);
          out.write(`${describe(phase, seen)}\n`);
        }
      }
    },
    end() {},
  };
}

function describe({ name, state, startedMs, endedMs, detail }: PhaseState, nowMs: number): string {
  const until = state === 'running' || state === 'waiting' ? nowMs : (endedMs ?? nowMs);
  const elapsed = `${((until - startedMs) / 1000).toFixed(1)} s`;
  return `  ${name.padEnd(11)}${state.padEnd(9)}${elapsed.padStart(7)}   ${detail.split('\n')[0] ?? ''}`;
}
