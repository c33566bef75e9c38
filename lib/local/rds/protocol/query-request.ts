/** One request of the AWS Query protocol, read parameter by parameter; what nobody read is refused, not ignored. */
import { decodeForm, type FormNode, type FormTree, listMembers } from './form';
import { RdsFault } from './rds-fault';

/** Sent with every request, or by some clients only, and without meaning here. */
const ENVELOPE = ['Action', 'Version'];

export class QueryRequest {
  private readonly tree: FormTree;
  private readonly read = new Set<string>(ENVELOPE);

  private constructor(tree: FormTree) {
    this.tree = tree;
  }

  static parse(body: string): QueryRequest {
    return new QueryRequest(decodeForm(body));
  }

  /** @throws RdsFault MissingAction */
  get action(): string {
    const action = this.tree.get('Action');
    if (typeof action === 'string' && action !== '') return action;
    throw new RdsFault('MissingAction', 'The request has no parameter Action.');
  }

  text(name: string): string | undefined {
    const node = this.node(name);
    if (node instanceof Map) throw this.invalid(name, 'a structure', 'a single value');
    return node;
  }

  requiredText(name: string): string {
    const value = this.text(name);
    if (value === undefined || value === '') {
      throw new RdsFault('MissingParameter', `The request must contain the parameter ${name}.`);
    }
    return value;
  }

  integer(name: string): number | undefined {
    const value = this.text(name);
    if (value === undefined) return undefined;
    if (!/^-?\d{1,9}$/.test(value)) throw this.invalid(name, value, 'a whole number');
    return Number(value);
  }

  boolean(name: string): boolean | undefined {
    const value = this.text(name);
    if (value === undefined) return undefined;
    if (value !== 'true' && value !== 'false') throw this.invalid(name, value, 'true or false');
    return value === 'true';
  }

  /** Milliseconds since the epoch. */
  time(name: string): number | undefined {
    const value = this.text(name);
    if (value === undefined) return undefined;
    const time = Date.parse(value);
    if (Number.isNaN(time)) throw this.invalid(name, value, 'a time in ISO 8601');
    return time;
  }

  texts(name: string): string[] | undefined {
    const node = this.node(name);
    // A client sends an empty list as the bare name with an empty value.
    if (node === undefined) return undefined;
    return listMembers(node).map((member) => {
      if (typeof member !== 'string') throw this.invalid(name, 'a structure', 'a list of values');
      return member;
    });
  }

  /** A list of structures, each as a request of its own, so that the same readers serve inside. */
  records(name: string): QueryRequest[] | undefined {
    const node = this.node(name);
    if (node === undefined) return undefined;
    return listMembers(node).map((member) => {
      if (typeof member === 'string') throw this.invalid(name, member, 'a list of structures');
      return new QueryRequest(member);
    });
  }

  record(name: string): QueryRequest | undefined {
    const node = this.node(name);
    if (node === undefined) return undefined;
    if (typeof node === 'string') throw this.invalid(name, node, 'a structure');
    return new QueryRequest(node);
  }

  /**
   * To be called when an action has read all it knows.
   *
   * @throws RdsFault for a parameter it does not: ignoring a setting in silence would let a forgotten one pass as carried
   */
  refuseUnread(): void {
    const unread = [...this.tree.keys()].filter((name) => !this.read.has(name));
    if (unread.length === 0) return;
    throw new RdsFault('InvalidParameterValue', `Not implemented by the local RDS endpoint: ${unread.join(', ')}.`);
  }

  private node(name: string): FormNode | undefined {
    this.read.add(name);
    return this.tree.get(name);
  }

  private invalid(name: string, value: string, allowed: string): RdsFault {
    return new RdsFault(
      'InvalidParameterValue',
      `Invalid value ${JSON.stringify(value)} for ${name}: must be ${allowed}.`,
    );
  }
}
