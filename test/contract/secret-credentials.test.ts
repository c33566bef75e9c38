import { SecretsManagerClient } from '@aws-sdk/client-secrets-manager';
import { readCredentials } from '../../lib/aws/secret-credentials';
import { SecretUnusable, TemporarilyUnavailable } from '../../lib/core/errors';
import type { HttpEndpoint } from '../../lib/local/http/http-endpoint';
import { serveSecrets } from '../../lib/local/secrets/local-secrets';
import { clientOptions } from '../support/phase-world';

const arn = (name: string) => `arn:aws:secretsmanager:us-east-1:123456789012:secret:${name}-AbCdEf`;

let endpoint: HttpEndpoint;
let client: SecretsManagerClient;
beforeAll(async () => {
  const secrets = new Map([
    [arn('good'), '{"username": "app", "password": "hunter2", "host": "left alone"}'],
    [arn('text'), 'hunter2'],
    [arn('half'), '{"username": "hunter2"}'],
    [arn('empty'), '{"username": "hunter2", "password": ""}'],
  ]);
  endpoint = await serveSecrets({ secrets });
  client = new SecretsManagerClient(clientOptions(endpoint.url));
});
afterAll(async () => {
  client.destroy();
  await endpoint.close();
});

it('a secret gives the user and the password, and nothing else', async () => {
  expect(await readCredentials(client, arn('good'))).toEqual({ username: 'app', password: 'hunter2' });
});

it.each(['text', 'half', 'empty'])('refuses a secret that is %s, without telling what it holds', async (name) => {
  const error = (await readCredentials(client, arn(name)).catch((reason: unknown) => reason)) as Error;
  expect(error).toBeInstanceOf(SecretUnusable);
  expect(error.message).toBe(
    `secret ${arn(name)} cannot be used: its value is not a JSON object with username and password; it must hold {"username": …, "password": …} and be readable for the run`,
  );
  expect(JSON.stringify(error, Object.getOwnPropertyNames(error))).not.toContain('hunter2');
});

it('refuses a secret that is not there', async () => {
  await expect(readCredentials(client, arn('gone'))).rejects.toMatchObject({
    name: 'SecretUnusable',
    why: 'ResourceNotFoundException',
  });
});

it('a service that does not answer is worth another try', async () => {
  const unreachable = new SecretsManagerClient(clientOptions('http://127.0.0.1:1'));
  await expect(readCredentials(unreachable, arn('good'))).rejects.toBeInstanceOf(TemporarilyUnavailable);
  unreachable.destroy();
});
