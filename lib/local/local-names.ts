/** Instances on this machine differ by their port, names in DNS do not know ports: so each port has a name. */
import type { Address } from '../core/run';

const HOST = '127.0.0.1';

export function localName({ port }: Address): string {
  return `port-${port}.localhost`;
}

/** Where the name leads; undefined for one that nobody here has. */
export function addressOfLocalName(name: string): Address | undefined {
  const [, port] = /^port-(\d{1,5})\.localhost\.?$/.exec(name) ?? [];
  return port === undefined ? undefined : { host: HOST, port: Number(port) };
}
