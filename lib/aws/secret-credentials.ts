/** Reads a database user's credentials out of Secrets Manager; they stay in memory of the invocation that asked. */
import { GetSecretValueCommand, type SecretsManagerClient } from '@aws-sdk/client-secrets-manager';
import { z } from 'zod';
import { SecretUnusable, TemporarilyUnavailable } from '../core/errors';
import type { Credentials } from '../ports/credentials';

const secretSchema = z.object({ username: z.string().min(1), password: z.string().min(1) });

export async function readCredentials(secrets: SecretsManagerClient, secretArn: string): Promise<Credentials> {
  let text: string | undefined;
  try {
    text = (await secrets.send(new GetSecretValueCommand({ SecretId: secretArn }))).SecretString;
  } catch (error) {
    if (error instanceof Error && ['ResourceNotFoundException', 'AccessDeniedException'].includes(error.name)) {
      throw new SecretUnusable(secretArn, error.name);
    }
    throw new TemporarilyUnavailable('Secrets Manager', { cause: error });
  }
  const parsed = secretSchema.safeParse(parseJson(text));
  if (!parsed.success) {
    throw new SecretUnusable(secretArn, 'its value is not a JSON object with username and password');
  }
  return parsed.data;
}

/** Undefined for what is no JSON; the text itself must not reach a message. */
function parseJson(text: string | undefined): unknown {
  try {
    return JSON.parse(text ?? '');
  } catch {
    return undefined;
  }
}
