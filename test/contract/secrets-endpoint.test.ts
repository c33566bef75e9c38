import { DescribeSecretCommand, GetSecretValueCommand, SecretsManagerClient } from '@aws-sdk/client-secrets-manager';
import type { HttpEndpoint } from '../../lib/local/http/http-endpoint';
import { serveSecrets } from '../../lib/local/secrets/local-secrets';

const ARN = 'arn:aws:secretsmanager:us-east-1:123456789012:secret:shop/master-AbC123';

let endpoint: HttpEndpoint;
let client: SecretsManagerClient;
const secrets = new Map([
  [ARN, '{"username":"shop_admin","password":"p"}'],
  ['shop/app', 'plain text'],
]);

beforeAll(async () => {
  endpoint = await serveSecrets({ secrets });
  const credentials = { accessKeyId: 'any', secretAccessKey: 'any' };
  client = new SecretsManagerClient({ endpoint: endpoint.url, region: 'us-east-1', credentials, maxAttempts: 1 });
});
afterAll(async () => {
  client.destroy();
  await endpoint.close();
});

const value = async (SecretId: string) => (await client.send(new GetSecretValueCommand({ SecretId }))).SecretString;

describe('the local Secrets Manager', () => {
  test('finds a secret by its ARN, by its name, and by its ARN without the random end', async () => {
    expect(await value(ARN)).toBe('{"username":"shop_admin","password":"p"}');
    expect(await value('shop/master')).toBe('{"username":"shop_admin","password":"p"}');
    expect(await value(ARN.slice(0, -7))).toBe('{"username":"shop_admin","password":"p"}');
    const { ARN: arn = '' } = await client.send(new GetSecretValueCommand({ SecretId: 'shop/app' }));
    expect(await value(arn)).toBe('plain text');
  });

  test('gives the new value and a new version once a secret has been rotated', async () => {
    const before = await client.send(new GetSecretValueCommand({ SecretId: 'shop/app' }));
    secrets.set('shop/app', 'rotated');
    const after = await client.send(new GetSecretValueCommand({ SecretId: 'shop/app' }));
    expect(after.SecretString).toBe('rotated');
    expect(after.VersionId).not.toBe(before.VersionId);
    expect(after.VersionStages).toEqual(['AWSCURRENT']);
  });

  test('describes a secret without its value', async () => {
    const described = await client.send(new DescribeSecretCommand({ SecretId: ARN }));
    expect(described).toMatchObject({ ARN, Name: 'shop/master' });
    expect(Object.values(described.VersionIdsToStages ?? {})).toEqual([['AWSCURRENT']]);
    expect(described).not.toHaveProperty('SecretString');
  });

  test('refuses a secret it does not have, and an operation it does not know', async () => {
    await expect(value('nothing')).rejects.toMatchObject({
      name: 'ResourceNotFoundException',
      message: "Secrets Manager can't find the specified secret.",
    });
    const response = await fetch(endpoint.url, {
      method: 'POST',
      headers: { 'x-amz-target': 'secretsmanager.CreateSecret' },
    });
    expect([response.status, await response.json()]).toEqual([
      400,
      expect.objectContaining({ __type: 'UnknownOperationException' }),
    ]);
  });

  test('refuses a port that is taken, naming it', async () => {
    await expect(serveSecrets({ secrets, port: endpoint.port })).rejects.toMatchObject({
      name: 'PortInUse',
      port: endpoint.port,
    });
  });
});
