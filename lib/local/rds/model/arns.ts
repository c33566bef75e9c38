/** The names by which tags and events refer to the resources of one account in one region. */

export type ResourceKind = 'db' | 'snapshot' | 'pg';

export class Arns {
  constructor(
    readonly region: string,
    readonly accountId: string,
  ) {}

  of(kind: ResourceKind, name: string): string {
    return `arn:aws:rds:${this.region}:${this.accountId}:${kind}:${name}`;
  }

  /** As RDS names the secret of an instance's master user. */
  managedSecret(resourceId: string): string {
    return `arn:aws:secretsmanager:${this.region}:${this.accountId}:secret:rds!${resourceId.toLowerCase()}-AbCdEf`;
  }

  /** Undefined for what cannot be the ARN of a resource served here. */
  parse(arn: string): { kind: ResourceKind; name: string } | undefined {
    const prefix = `arn:aws:rds:${this.region}:${this.accountId}:`;
    const match = /^(db|snapshot|pg):(.+)$/.exec(arn.startsWith(prefix) ? arn.slice(prefix.length) : '');
    return match ? { kind: match[1] as ResourceKind, name: match[2] as string } : undefined;
  }
}
