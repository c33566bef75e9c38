/** Decodes the AWS Query protocol's form: dotted names such as `Tags.Tag.1.Key` become a tree. */

export type FormNode = string | FormTree;
export type FormTree = Map<string, FormNode>;

export function decodeForm(body: string): FormTree {
  const root: FormTree = new Map();
  for (const [path, value] of new URLSearchParams(body)) insert(root, path.split('.'), value);
  return root;
}

function insert(tree: FormTree, [name = '', ...rest]: string[], value: string): void {
  if (rest.length === 0) {
    tree.set(name, value);
    return;
  }
  let child = tree.get(name);
  if (!(child instanceof Map)) {
    child = new Map();
    tree.set(name, child);
  }
  insert(child, rest, value);
}

/**
 * The members of a list in their order. Clients name the level between list and numbers after the member's type or
 * "member" (`Tags.Tag.1`, `LogTypes.member.1`); which of the two does not matter here.
 */
export function listMembers(node: FormNode | undefined): FormNode[] {
  if (!(node instanceof Map)) return [];
  const [only] = node.values();
  const numbered = node.size === 1 && only instanceof Map && !isNumbered(node) ? only : node;
  return [...numbered.entries()].sort(([a], [b]) => Number(a) - Number(b)).map(([, member]) => member);
}

function isNumbered(tree: FormTree): boolean {
  return [...tree.keys()].every((name) => /^\d+$/.test(name));
}
