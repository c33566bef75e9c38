/** Whether the server lets a user in with the password its secret holds now. */
import { DatabaseRefused } from '../../../core/errors';
import { Session, type SessionOptions } from './session';

/** @returns what the server said, or undefined when it did not mind */
export async function loginRefusal(options: SessionOptions): Promise<string | undefined> {
  const session = new Session(options);
  try {
    await session.connected();
    return undefined;
  } catch (error) {
    if (error instanceof DatabaseRefused) {
      return error.serverMessage;
    }
    throw error;
  } finally {
    await session.close();
  }
}
