/** Makes the immutable ids by which RDS knows a resource whatever it is called. */
import { randomBytes } from 'node:crypto';

const ALPHABET = 'ABCDEFGHIJKLMNOPQRSTUVWXYZ234567';

/** As AWS's: the kind and 26 characters. */
export function newResourceId(kind: 'db' | 'snapshot'): string {
  const characters = [...randomBytes(26)].map((byte) => ALPHABET[byte % ALPHABET.length]);
  return `${kind}-${characters.join('')}`;
}
