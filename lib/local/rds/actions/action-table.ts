/** The actions of the RDS API that are served, by their names on the wire. */
import { createDBInstance } from './create-instance';
import { deleteDBInstance } from './delete-instance';
import { describeDBInstances } from './describe-instances';
import { describeEvents } from './events';
import { addRoleToDBInstance, removeRoleFromDBInstance } from './instance-roles';
import { describeDBLogFiles, downloadDBLogFilePortion } from './log-files';
import { modifyDBInstance } from './modify-instance';
import { createDBParameterGroup, deleteDBParameterGroup, describeDBParameterGroups } from './parameter-groups';
import { describeDBParameters, modifyDBParameterGroup } from './parameters';
import { rebootDBInstance } from './reboot-instance';
import { restoreDBInstanceFromDBSnapshot } from './restore-instance';
import type { Action } from './service';
import { createDBSnapshot, deleteDBSnapshot, describeDBSnapshots } from './snapshots';
import { addTagsToResource, listTagsForResource, removeTagsFromResource } from './tags';

export const ACTIONS: ReadonlyMap<string, Action> = new Map(
  Object.entries({
    AddRoleToDBInstance: addRoleToDBInstance,
    AddTagsToResource: addTagsToResource,
    CreateDBInstance: createDBInstance,
    CreateDBParameterGroup: createDBParameterGroup,
    CreateDBSnapshot: createDBSnapshot,
    DeleteDBInstance: deleteDBInstance,
    DeleteDBParameterGroup: deleteDBParameterGroup,
    DeleteDBSnapshot: deleteDBSnapshot,
    DescribeDBInstances: describeDBInstances,
    DescribeDBLogFiles: describeDBLogFiles,
    DescribeDBParameterGroups: describeDBParameterGroups,
    DescribeDBParameters: describeDBParameters,
    DescribeDBSnapshots: describeDBSnapshots,
    DescribeEvents: describeEvents,
    DownloadDBLogFilePortion: downloadDBLogFilePortion,
    ListTagsForResource: listTagsForResource,
    ModifyDBInstance: modifyDBInstance,
    ModifyDBParameterGroup: modifyDBParameterGroup,
    RebootDBInstance: rebootDBInstance,
    RemoveRoleFromDBInstance: removeRoleFromDBInstance,
    RemoveTagsFromResource: removeTagsFromResource,
    RestoreDBInstanceFromDBSnapshot: restoreDBInstanceFromDBSnapshot,
  }),
);
