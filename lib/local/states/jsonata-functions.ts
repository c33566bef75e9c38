/** The functions that Step Functions adds to JSONata. */
import { createHash } from 'node:crypto';
import { uuidFrom } from './random-id';

export interface JsonataFunction {
  readonly implementation: (...args: never[]) => unknown;
  /** JSONata's own notation; a call that does not fit it fails with T0410 or T0412. */
  readonly signature: string;
}

/** The most elements the service lets `$range` build. */
const LONGEST_RANGE = 360_145;
const DIGESTS: Readonly<Record<string, string>> = {
  MD5: 'md5',
  'SHA-1': 'sha1',
  'SHA-256': 'sha256',
  'SHA-384': 'sha384',
  'SHA-512': 'sha512',
};

/** By name, without the dollar sign. */
export function serviceFunctions(random: () => number): Readonly<Record<string, JsonataFunction>> {
  return {
    partition: { implementation: partition, signature: '<an?:a>' },
    range: { implementation: range, signature: '<nnn?:a<n>>' },
    hash: { implementation: hash, signature: '<ss?:s>' },
    random: {
      implementation: (seed?: number) => (seed === undefined ? random() : seededRandom(seed)),
      signature: '<n?:n>',
    },
    uuid: { implementation: () => uuidFrom(random), signature: '<:s>' },
    parse: { implementation: parse, signature: '<s?:x>' },
  };
}

function partition(items: unknown[] | undefined, size?: number): unknown[][] | undefined {
  if (items === undefined || items.length === 0) return undefined;
  const chunk = Math.trunc(size ?? items.length);
  if (chunk < 0) throw functionError('Second argument must be zero or greater');
  if (chunk === 0) return undefined;
  return Array.from({ length: Math.ceil(items.length / chunk) }, (_, index) =>
    items.slice(index * chunk, (index + 1) * chunk),
  );
}

function range(first: number, last: number, step?: number): number | number[] | undefined {
  if (first === undefined || last === undefined || step === undefined) return undefined;
  const [start, end, by] = [Math.trunc(first), Math.trunc(last), Math.trunc(step)];
  if (by === 0 || Math.sign(end - start) === -Math.sign(by)) return undefined;
  const length = Math.floor((end - start) / by) + 1;
  if (length > LONGEST_RANGE) {
    throw new Error('Expression evaluation memory limit exceeded: Check for excessive memory usage');
  }
  return length === 1 ? start : Array.from({ length }, (_, index) => start + index * by);
}

function hash(text: string | undefined, algorithm?: string): string | undefined {
  if (text === undefined || algorithm === undefined) return undefined;
  const digest = DIGESTS[algorithm];
  if (!digest)
    throw functionError(`Unsupported hash algorithm ${algorithm}; allowed are ${Object.keys(DIGESTS).join(', ')}`);
  return createHash(digest).update(text, 'utf8').digest('hex');
}

function parse(text?: string): unknown {
  if (text === undefined) return undefined;
  try {
    return JSON.parse(text);
  } catch (error) {
    throw functionError(`Unable to parse the JSON string: ${(error as Error).message}`);
  }
}

/** The first number of the linear congruential generator that Java's Random starts from `seed`. */
function seededRandom(seed: number): number {
  const mask = (1n << 48n) - 1n;
  let state = (BigInt(Math.trunc(seed)) ^ 0x5deece66dn) & mask;
  const bits = (count: bigint) => {
    state = (state * 0x5deece66dn + 0xbn) & mask;
    return state >> (48n - count);
  };
  return Number((bits(26n) << 27n) + bits(27n)) / 2 ** 53;
}

/** D3137 is JSONata's code for an error that a function reports in its own words. */
function functionError(message: string): Error {
  return Object.assign(new Error(message), { code: 'D3137' });
}
