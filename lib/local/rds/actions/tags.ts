/** AddTagsToResource, RemoveTagsFromResource and ListTagsForResource, for instances, snapshots and parameter groups. */
import type { Account } from '../model/account';
import { RdsFault } from '../protocol/rds-fault';
import type { Action } from './service';
import { readTags, requireFewEnough, tagList } from './tag-lists';

export const addTagsToResource: Action = async (request, { account }) => {
  const resource = taggedResource(account, request.requiredText('ResourceName'));
  const tags = { ...resource.tags, ...readTags(request) };
  request.refuseUnread();
  requireFewEnough(tags);
  resource.tags = tags;
  await account.save();
  return {};
};

export const removeTagsFromResource: Action = async (request, { account }) => {
  const resource = taggedResource(account, request.requiredText('ResourceName'));
  const keys = request.texts('TagKeys') ?? [];
  request.refuseUnread();
  for (const key of keys) delete resource.tags[key];
  await account.save();
  return {};
};

export const listTagsForResource: Action = async (request, { account }) => {
  const resource = taggedResource(account, request.requiredText('ResourceName'));
  request.refuseUnread();
  return { TagList: tagList(resource.tags) };
};

function taggedResource(account: Account, arn: string): { tags: Record<string, string> } {
  const resource = account.arns.parse(arn);
  if (!resource) {
    const { region, accountId } = account.arns;
    throw new RdsFault(
      'InvalidParameterValue',
      `Invalid resource name: ${arn}. Allowed: arn:aws:rds:${region}:${accountId}:db|snapshot|pg:name.`,
    );
  }
  if (resource.kind === 'db') return account.instance(resource.name);
  if (resource.kind === 'snapshot') return account.snapshot(resource.name);
  return account.parameterGroup(resource.name);
}
