/** A slot with the side that follows connected to it. */
import type { Database } from '../../lib/ports/database';
import type { SlotState } from '../../lib/ports/replication';
import type { World } from '../../lib/ports/world';

/** A server that was restarted, or a worker, is back within seconds: waiting for it costs production nothing. */
const CONNECTION_PATIENCE_MS = 10_000;
const CONNECTION_POLL_MS = 250;

/** The slot once the other side is connected to it, or as it is when that takes too long. */
export async function connectedSlot(
  { clock }: Pick<World, 'clock'>,
  from: Database,
  channel: string,
): Promise<SlotState | undefined> {
  const giveUpMs = clock.now() + CONNECTION_PATIENCE_MS;
  for (;;) {
    const slot = await from.slot(channel);
    if (!slot || slot.lost || slot.active || clock.now() > giveUpMs) {
      return slot;
    }
    await clock.sleep(CONNECTION_POLL_MS);
  }
}
