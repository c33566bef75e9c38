/** Text cut to a length, where what it comes from knows none. */

/** @returns at most `most` characters; whole ones, since half of one is no text. */
export function shortened(text: string, most: number): string {
  const begin = [...text.slice(0, 2 * most + 2)];
  return begin.length > most ? `${begin.slice(0, most - 1).join('')}…` : text;
}
