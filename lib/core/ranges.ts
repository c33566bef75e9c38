/** Ranges: parts of tables that are each read in bounded time, and shares of them that are taken as one piece of work. */

/** How large one table of one side is. */
export interface TableSize {
  /** Its number in the comparison. */
  readonly table: number;
  readonly pages: number;
  /** With what is stored outside its pages. */
  readonly bytes: number;
}

/** Pages `from` to before `to`; the last range of a table is open, whatever the table is by now. */
export interface PageRange {
  readonly table: number;
  readonly from: number;
  readonly to: number | null;
}

/** What is read by one statement: some seconds of work, during which a statement that wants the table for itself has to wait. */
export const RANGE_BYTES = 512 * 1_048_576;
/** Small tables share a piece of work, but not too many, or nobody would see it get on. */
export const MOST_RANGES_IN_A_SHARE = 200;

/** Cuts tables into ranges of at most about `rangeBytes`, and puts small ones together; the largest pieces of work come first. */
export function cutIntoShares(sizes: readonly TableSize[], rangeBytes = RANGE_BYTES): PageRange[][] {
  const shares: PageRange[][] = [];
  let together: PageRange[] = [];
  let bytesTogether = 0;
  for (const size of [...sizes].sort((one, other) => other.bytes - one.bytes)) {
    const ranges = cut(size, rangeBytes);
    if (ranges.length > 1) {
      shares.push(...ranges.map((range) => [range]));
      continue;
    }
    if (bytesTogether + size.bytes > rangeBytes || together.length === MOST_RANGES_IN_A_SHARE) {
      shares.push(together);
      together = [];
      bytesTogether = 0;
    }
    together.push(...ranges);
    bytesTogether += size.bytes;
  }
  return [...shares, together].filter(({ length }) => length > 0);
}

function cut({ table, pages, bytes }: TableSize, rangeBytes: number): PageRange[] {
  const count = Math.max(1, Math.min(pages, Math.ceil(bytes / rangeBytes)));
  const step = Math.ceil(pages / count);
  const ranges: PageRange[] = [];
  for (let from = 0; from < pages || from === 0; from += Math.max(1, step)) {
    const isLast = from + step >= pages;
    ranges.push({ table, from, to: isLast ? null : from + step });
  }
  return ranges;
}

/** Each costs seven events of the execution's history, which has room for 25,000. */
const MOST_INVOCATIONS_TOGETHER = 400;

/** How many invocations share the next round. @param made how many there were in the rounds before */
export function workersOfRound(wanted: number, made: number): number {
  return made < MOST_INVOCATIONS_TOGETHER ? wanted : 1;
}
