/** Lists in messages, which travel with the run's state: that holds 256 KiB of everything, and a database may have thousands of tables. */
import { shortened } from './shortened';

const MOST_LINES = 50;
const MOST_CHARACTERS = 16_384;
const LINE_CHARACTERS = 1000;

/** A line each, as many as may travel; the rest is counted. */
export function listed(lines: readonly string[]): string {
  const kept = mostThatTravel(lines);
  const more = lines.length - kept.length;
  return [...kept, ...(more > 0 ? [`and ${more} more`] : [])].map((line) => `  - ${line}`).join('\n');
}

/** The same within a sentence. */
export function listedInline(items: readonly string[]): string {
  const kept = mostThatTravel(items);
  return [...kept, ...(kept.length < items.length ? [`and ${items.length - kept.length} more`] : [])].join('; ');
}

function mostThatTravel(lines: readonly string[]): string[] {
  let characters = 0;
  return lines
    .slice(0, MOST_LINES)
    .map((line) => shortened(line, LINE_CHARACTERS))
    .filter((line) => {
      characters += line.length;
      return characters <= MOST_CHARACTERS;
    });
}
