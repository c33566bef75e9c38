/** Reads the XML of a request: elements and their text; attributes, such as a namespace, say nothing here. */
import { Route53Fault } from './route53-fault';

const TOKENS = /<\?[^>]*\?>|<!--[\s\S]*?-->|<(\/?)([\w:.-]+)(?:\s[^<>]*?)?(\/?)>|([^<]+)/y;
const ENTITIES: Readonly<Record<string, string>> = { lt: '<', gt: '>', amp: '&', quot: '"', apos: "'" };

export class XmlElement {
  readonly children: XmlElement[] = [];
  text = '';

  private constructor(readonly name: string) {}

  /** @throws Route53Fault MalformedInput */
  static parse(xml: string): XmlElement {
    const root = new XmlElement('');
    const open = [root];
    TOKENS.lastIndex = 0;
    while (TOKENS.lastIndex < xml.length) {
      const at = TOKENS.lastIndex;
      const [token, closes, name, empty, text] = TOKENS.exec(xml) ?? [];
      const parent = open.at(-1);
      if (token === undefined || parent === undefined) throw malformed(`it cannot be read from character ${at} on`);
      if (text !== undefined) parent.text += withoutEntities(text);
      else if (closes) {
        if (parent.name !== name) throw malformed(`</${name}> closes <${parent.name}>`);
        open.pop();
      } else if (name !== undefined) {
        const element = new XmlElement(name);
        parent.children.push(element);
        if (!empty) open.push(element);
      }
    }
    const [document] = root.children;
    if (!document || open.length > 1) throw malformed('it ends too early');
    return document;
  }

  child(name: string): XmlElement | undefined {
    return this.children.find((child) => child.name === name);
  }

  /** Trimmed text of a child; undefined where there is none. */
  textOf(name: string): string | undefined {
    return this.child(name)?.text.trim();
  }
}

function malformed(why: string): Route53Fault {
  return new Route53Fault('MalformedInput', `The request's XML is malformed: ${why}.`);
}

function withoutEntities(text: string): string {
  return text.replace(/&(?:#x([0-9a-fA-F]+)|#(\d+)|(\w+));/g, (whole, hex, decimal, named: string) => {
    if (hex) return String.fromCodePoint(Number.parseInt(hex, 16));
    if (decimal) return String.fromCodePoint(Number(decimal));
    return ENTITIES[named] ?? whole;
  });
}
