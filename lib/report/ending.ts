/** How an execution says that its run ended: the output of a success, the cause of a failure. */
import { z } from 'zod';
import type { RunReport } from './report';

const endingSchema = z.object({
  outcome: z.enum(['migrated', 'rehearsed', 'rolled-back', 'failed-back', 'needs-attention']),
  serving: z.string().optional(),
  reason: z.object({ phase: z.string(), error: z.string(), message: z.string() }).optional(),
  reasons: z.array(z.string()).optional(),
  leftovers: z.array(z.object({ what: z.string(), command: z.string() })).optional(),
  results: z.record(z.string(), z.unknown()).optional(),
});

export type Ending = z.infer<typeof endingSchema>;

export interface ExecutionEnding {
  readonly output?: string | undefined;
  readonly error?: string | undefined;
  readonly cause?: string | undefined;
}

export function parseEnding({ output, error, cause }: ExecutionEnding): Ending {
  try {
    return endingSchema.parse(JSON.parse(output ?? cause ?? ''));
  } catch {
    // The execution ended in a way the workflow does not know, such as a timeout: somebody has to look.
    const message = cause ?? 'the execution ended without a word';
    return {
      outcome: 'needs-attention',
      serving: 'unknown',
      reason: { phase: 'workflow', error: error ?? 'Unknown', message },
    };
  }
}

/** Why a run ended as it did; null when it ended as it was meant to. */
export function reasonOf({ outcome, reason, reasons }: Ending): RunReport['reason'] {
  if (!reason || outcome === 'migrated' || outcome === 'rehearsed') {
    return null;
  }
  const why = outcome === 'needs-attention' && reasons && reasons.length > 0 ? `\n${reasons.join('\n')}` : '';
  return { ...reason, message: `${reason.message}${why}` };
}
