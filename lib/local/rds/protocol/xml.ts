/** Writes the XML of the AWS Query protocol's answers. */

export type XmlValue = string | number | boolean | Date | XmlTree | XmlList | undefined;

export interface XmlTree {
  readonly [element: string]: XmlValue;
}

/** A list and the element name of its members. */
export class XmlList {
  constructor(
    readonly member: string,
    readonly values: readonly XmlValue[],
  ) {}
}

export function list(member: string, values: readonly XmlValue[]): XmlList {
  return new XmlList(member, values);
}

/** Undefined members are left out, as the service leaves out what an object does not have. */
export function renderXml(tree: XmlTree): string {
  return Object.entries(tree)
    .map(([name, value]) => element(name, value))
    .join('');
}

function element(name: string, value: XmlValue): string {
  return value === undefined ? '' : `<${name}>${content(value)}</${name}>`;
}

function content(value: Exclude<XmlValue, undefined>): string {
  if (value instanceof Date) return value.toISOString();
  if (value instanceof XmlList) return value.values.map((member) => element(value.member, member)).join('');
  if (typeof value === 'object') return renderXml(value);
  return escapeText(String(value));
}

/** XML 1.0 cannot carry most control characters at all, not even escaped. */
function escapeText(text: string): string {
  return (
    text
      // biome-ignore lint/suspicious/noControlCharactersInRegex: these are the characters to be replaced
      .replace(/[\u0000-\u0008\u000b\u000c\u000e-\u001f]/g, '\ufffd')
      .replaceAll('&', '&amp;')
      .replaceAll('<', '&lt;')
      .replaceAll('>', '&gt;')
      .replaceAll('\r', '&#xD;')
  );
}
