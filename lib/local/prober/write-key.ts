/** The key of a write, w<generation>-<writer>-<sequence>: unique without asking anybody, and compact to keep track of. */
export interface WriteKey {
  generation: number;
  writer: number;
  sequence: number;
}

export function formatWriteKey({ generation, writer, sequence }: WriteKey): string {
  return `w${generation}-${writer}-${sequence}`;
}

/** Undefined for anything the prober never writes, such as the application's own rows. */
export function parseWriteKey(text: string): WriteKey | undefined {
  const match = /^w(\d{1,6})-(\d{1,4})-(\d{1,10})$/.exec(text);
  if (match === null) return undefined;
  return { generation: Number(match[1]), writer: Number(match[2]), sequence: Number(match[3]) };
}
