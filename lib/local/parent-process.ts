/** The child's side of the IPC channel: answers the parent's requests and ends with the parent. */

export type Answer =
  | { id: number; request: string; result: unknown }
  | { id: number; request: string; error: { message: string; code: string | undefined } };

interface Question {
  id: number;
  request: string;
  body: unknown;
}

/** One function per request; what it returns goes back to the parent, what it throws as well. */
export type Handlers<Bodies extends object> = { [Request in keyof Bodies]: (body: Bodies[Request]) => unknown };

export function serveParent<Bodies extends object>(handlers: Handlers<Bodies>): void {
  // Ctrl-C reaches the whole process group, but the parent decides when this process ends.
  process.on('SIGINT', () => undefined);
  process.on('SIGTERM', () => undefined);
  process.on('disconnect', () => process.exit(0));
  process.on('message', async ({ id, request, body }: Question) => {
    const answer = await answerTo(handlers, { id, request, body });
    if (process.connected) process.send?.(answer);
  });
}

async function answerTo<Bodies extends object>(
  handlers: Handlers<Bodies>,
  { id, request, body }: Question,
): Promise<Answer> {
  try {
    const result = await handlers[request as keyof Bodies](body as Bodies[keyof Bodies]);
    return { id, request, result };
  } catch (error) {
    const { message, code } = error as Error & { code?: string };
    return { id, request, error: { message, code } };
  }
}
