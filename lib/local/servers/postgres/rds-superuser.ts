/** Stands in for what RDS lets members of `rds_superuser` do and upstream PostgreSQL lets only superusers do. */
import type { Client } from 'pg';

/** The SQL function that runs a statement about subscriptions, given as text, for a member of `rds_superuser`. */
export const EXECUTE_AS_RDS_SUPERUSER = 'rds_stand_in.execute';

/** Before 16 nobody but a superuser may have subscriptions; from 16 on `pg_create_subscription` says who may. */
const FIRST_MAJOR_WITH_SUBSCRIPTION_ROLE = 16;

/** The function through which a statement about a subscription has to go on a local server, if it has to. */
export function subscriptionStandIn(major: number): string | undefined {
  return major < FIRST_MAJOR_WITH_SUBSCRIPTION_ROLE ? EXECUTE_AS_RDS_SUPERUSER : undefined;
}

/**
 * Upstream ties replication to an attribute of the user that logs in, where RDS has the membership in `rds_replication`. The
 * attribute also permits physical replication; that is refused by the servers' pg_hba.conf.
 */
export const REPLICATION_ATTRIBUTE = 'REPLICATION';

/** Grants that hold in all databases. May be repeated. */
export async function grantReplicationRoles(admin: Client, major: number): Promise<void> {
  await admin.query('GRANT rds_replication TO rds_superuser WITH ADMIN OPTION');
  if (subscriptionStandIn(major) === undefined) {
    await admin.query('GRANT pg_create_subscription TO rds_superuser WITH ADMIN OPTION');
  }
}

/** Grants that hold in one database and in those made from it. May be repeated. */
export async function grantReplicationFunctions(admin: Client, major: number): Promise<void> {
  await admin.query(
    `GRANT EXECUTE ON FUNCTION pg_replication_origin_advance(text, pg_lsn), pg_replication_origin_progress(text, boolean),
       pg_show_replication_origin_status() TO rds_superuser`,
  );
  if (subscriptionStandIn(major) !== undefined) await admin.query(SUBSCRIPTIONS_BY_PROXY);
}

/**
 * With quoted texts and names cut out, a single statement is words, commas, parentheses, dots and equal signs. What could make the
 * cut go wrong (backslashes, dollar quotes, comments) is refused, so nothing can be hidden behind the first statement.
 */
const SUBSCRIPTIONS_BY_PROXY = `
CREATE SCHEMA IF NOT EXISTS rds_stand_in;
CREATE OR REPLACE FUNCTION ${EXECUTE_AS_RDS_SUPERUSER}(statement text) RETURNS void
LANGUAGE plpgsql SECURITY DEFINER SET search_path = pg_catalog, pg_temp AS $function$
DECLARE
  bare text := regexp_replace(statement, $re$'[^']*'|"[^"]*"$re$, ' quoted ', 'g');
BEGIN
  IF position('\\' IN statement) > 0 THEN
    RAISE 'rds_stand_in.execute takes no statement with a backslash'
      USING ERRCODE = 'feature_not_supported', HINT = 'Use a password without a backslash on local servers of this major.';
  END IF;
  IF bare !~* '^\\s*(create|alter|drop)\\s+subscription\\s' OR bare !~ '^[\\w\\s(),.=]*$' THEN
    RAISE 'rds_stand_in.execute takes a single CREATE, ALTER or DROP SUBSCRIPTION, nothing else'
      USING ERRCODE = 'insufficient_privilege';
  END IF;
  EXECUTE statement;
END
$function$;
REVOKE ALL ON FUNCTION ${EXECUTE_AS_RDS_SUPERUSER}(text) FROM PUBLIC;
GRANT USAGE ON SCHEMA rds_stand_in TO rds_superuser;
GRANT EXECUTE ON FUNCTION ${EXECUTE_AS_RDS_SUPERUSER}(text) TO rds_superuser;
`;
