/** A cell of a Markdown table: text that cannot end it. */

export function cell(text: string): string {
  return text.replaceAll('|', '\\|').replaceAll('\n', ' ');
}
