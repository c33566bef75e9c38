/** Places in a change's file: from an offset to line and column, and the line as a message shows it, with a caret. */
import type { Place } from '../../../core/changes';

/** Long lines are cut around the column, so that the caret stays under what it points at. */
const WIDEST_SOURCE = 160;

/** Line and column of what follows `before`, the beginning of a file; `from` is where `before` itself begins. */
export function positionAfter(before: string, from: Place = { line: 1, column: 1 }): Place {
  const lines = before.split('\n');
  const length = [...(lines.at(-1) ?? '')].length;
  return lines.length === 1
    ? { line: from.line, column: from.column + length }
    : { line: from.line + lines.length - 1, column: length + 1 };
}

/** The server counts characters; JavaScript counts UTF-16 units. */
export function positionOfCharacter(text: string, characters: number): Place {
  return positionAfter([...text].slice(0, characters).join(''));
}

export interface SourceLine {
  readonly source: string;
  /** Column of `source` under which the caret goes. */
  readonly caret: number;
}

export function sourceLine(text: string, { line, column }: Place): SourceLine {
  const characters = [...(text.split('\n')[line - 1] ?? '').replaceAll('\t', ' ').trimEnd()];
  const cut = column > WIDEST_SOURCE ? column - WIDEST_SOURCE / 2 : 0;
  return { source: characters.slice(cut, cut + WIDEST_SOURCE).join(''), caret: column - cut };
}
