/** DescribeDBInstances: one by its name, or all that pass the filters, in pages. */
import type { InstanceRecord } from '../model/records';
import { list } from '../protocol/xml';
import { type FilterTable, filtered } from './filters';
import { instanceView } from './instance-view';
import { page } from './paging';
import type { Action, Service } from './service';

export const describeDBInstances: Action = async (request, { account }) => {
  const identifier = request.text('DBInstanceIdentifier');
  const all = identifier === undefined ? account.instances : [account.instance(nameIn(identifier))];
  const { items, marker } = page(request, filtered(request, all, instanceFilters(account)), (item) => item.identifier);
  request.refuseUnread();
  return {
    DBInstances: list(
      'DBInstance',
      items.map((instance) => instanceView(instance, account)),
    ),
    Marker: marker,
  };
};

/** RDS takes an ARN wherever it takes the name. */
function nameIn(identifierOrArn: string): string {
  return identifierOrArn.split(':').at(-1) ?? identifierOrArn;
}

function instanceFilters({ arns, engine }: Service['account']): FilterTable<InstanceRecord> {
  return {
    'db-instance-id': ({ identifier }) => [identifier, arns.of('db', identifier)],
    'dbi-resource-id': ({ resourceId }) => [resourceId],
    engine: () => [engine],
    'db-cluster-id': () => [],
    domain: () => [],
  };
}
