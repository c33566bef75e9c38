/** The shape of a query's plan in one line: what the server does, in the order in which it explains it. */
import { shortened } from '../../../core/shortened';

/** The part of a node of `explain (format json)` that says what it does, and to what. */
export interface PlanNode {
  readonly 'Node Type': string;
  readonly 'Parallel Aware'?: boolean;
  readonly 'Index Name'?: string;
  readonly 'Relation Name'?: string;
  readonly Plans?: readonly PlanNode[];
}

const LONGEST = 500;

export function planShape(plan: PlanNode): string {
  return shortened(nodes(plan).join(', '), LONGEST);
}

function nodes(node: PlanNode): string[] {
  const parallel = node['Parallel Aware'] ? 'Parallel ' : '';
  const index = node['Index Name'] === undefined ? '' : ` using ${node['Index Name']}`;
  const relation = node['Relation Name'] === undefined ? '' : ` on ${node['Relation Name']}`;
  return [`${parallel}${node['Node Type']}${index}${relation}`, ...(node.Plans ?? []).flatMap(nodes)];
}
