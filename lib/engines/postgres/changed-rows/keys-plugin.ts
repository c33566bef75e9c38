/** The plugin of the replication library, with what it has no option for: values as the server writes them, and nothing that was replicated here. */
import type { Socket } from 'node:net';
import { type Pgoutput, PgoutputPlugin } from 'pg-logical-replication';

/** First byte of a message (PostgreSQL manual, "Logical Replication Message Formats"). */
const [BEGIN, COMMIT] = Buffer.from('BC');

export class KeysPlugin extends PgoutputPlugin {
  private socket: Socket | undefined;

  constructor(
    private readonly channel: string,
    private readonly withOrigin: boolean,
  ) {
    super({ protoVersion: 1, publicationNames: [channel], messages: true });
  }

  /** What has arrived already is still read. */
  pause(): void {
    this.socket?.pause();
  }

  resume(): void {
    this.socket?.resume();
  }

  override parse(buffer: Buffer): Pgoutput.Message {
    // every transaction has both, and the library reads times and positions nobody asks for
    if (buffer[0] === BEGIN) {
      return { tag: 'begin', commitLsn: null, commitTime: 0n, xid: 0 };
    }
    if (buffer[0] === COMMIT) {
      const commitEndLsn = `${buffer.readUInt32BE(10).toString(16)}/${buffer.readUInt32BE(14).toString(16)}`;
      return { tag: 'commit', flags: 0, commitLsn: null, commitEndLsn, commitTime: 0n };
    }
    const message: Pgoutput.Message = super.parse(buffer);
    if (message.tag === 'relation') {
      for (const column of message.columns) {
        column.parser = String;
      }
    }
    return message;
  }

  /** Which changes were replicated can be told from PostgreSQL 16 on; before they are compared, too. */
  override start(...[client, slot, position]: Parameters<PgoutputPlugin['start']>) {
    this.socket = (client as unknown as { connection: { stream: Socket } }).connection.stream;
    const origin = this.withOrigin ? `, origin 'none'` : '';
    return client.query(
      `START_REPLICATION SLOT "${slot}" LOGICAL ${position} (proto_version '1', publication_names '${this.channel}', messages 'true'${origin})`,
    );
  }
}
