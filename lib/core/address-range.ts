/** Ranges of IP addresses as security groups and subnets name them: `10.0.0.0/16`, `fd00::/8`. */

interface Range {
  readonly bits: number;
  readonly first: bigint;
  readonly last: bigint;
}

/** Whether every address of `inner` is one of `range`. */
export function covers(range: string, inner: string): boolean {
  const [a, b] = [parse(range), parse(inner)];
  return a !== undefined && b !== undefined && a.bits === b.bits && a.first <= b.first && b.last <= a.last;
}

export function overlaps(one: string, other: string): boolean {
  const [a, b] = [parse(one), parse(other)];
  return a !== undefined && b !== undefined && a.bits === b.bits && a.first <= b.last && b.first <= a.last;
}

export function isVersion6(range: string): boolean {
  return range.includes(':');
}

/** Undefined for what is no range. */
function parse(text: string): Range | undefined {
  const [address = '', length] = text.split('/');
  const bits = isVersion6(address) ? 128 : 32;
  const value = bits === 128 ? version6(address) : version4(address);
  const prefix = length === undefined ? bits : Number(length);
  if (value === undefined || !Number.isInteger(prefix) || prefix < 0 || prefix > bits) {
    return undefined;
  }
  const size = 1n << BigInt(bits - prefix);
  const first = value - (value % size);
  return { bits, first, last: first + size - 1n };
}

function version4(text: string): bigint | undefined {
  return joined(text.split('.'), { count: 4, base: 10, below: 256 });
}

/** `::` stands for as many zeros as are missing. */
function version6(text: string): bigint | undefined {
  const [left = '', right] = text.split('::');
  const head = left === '' ? [] : left.split(':');
  const tail = right === undefined || right === '' ? [] : right.split(':');
  const zeros = right === undefined ? [] : Array.from({ length: 8 - head.length - tail.length }, () => '0');
  return joined([...head, ...zeros, ...tail], { count: 8, base: 16, below: 65_536 });
}

function joined(
  parts: readonly string[],
  { count, base, below }: { readonly count: number; readonly base: 10 | 16; readonly below: number },
): bigint | undefined {
  const digits = base === 10 ? /^\d+$/ : /^[\da-f]+$/i;
  const numbers = parts.map((part) => (digits.test(part) ? Number.parseInt(part, base) : Number.NaN));
  return numbers.length === count && numbers.every((number) => number < below)
    ? numbers.reduce((value, number) => value * BigInt(below) + BigInt(number), 0n)
    : undefined;
}
