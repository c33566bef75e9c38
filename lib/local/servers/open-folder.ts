/** Makes folders through which the server user gets, whatever umask the runtime was started with. */
import { chmod, mkdir } from 'node:fs/promises';
import { dirname, resolve } from 'node:path';

/** May be entered by everybody, listed by its owner only. Folders that exist already stay as they are. */
export async function makeOpenFolder(folder: string, mode = 0o711): Promise<void> {
  const target = resolve(folder);
  const first = await mkdir(target, { recursive: true });
  if (first === undefined) return;
  for (let made = target; made !== dirname(first); made = dirname(made)) await chmod(made, mode);
}
