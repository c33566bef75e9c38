/** What Ctrl-C asks for, and how often it was pressed. */
import { Interrupts } from '../../../lib/cli/interrupts';

let nowMs: number;
let said: string;
let interrupts: Interrupts;
let exit: jest.SpyInstance;

beforeEach(() => {
  nowMs = 1_000;
  said = '';
  exit = jest.spyOn(process, 'exit').mockImplementation((() => undefined) as never);
  const write = (text: unknown) => {
    said += String(text);
    return true;
  };
  interrupts = new Interrupts({ write } as NodeJS.WriteStream, () => nowMs);
});
afterEach(() => {
  interrupts.end();
  exit.mockRestore();
});

function receive(signal: NodeJS.Signals, afterMs: number): void {
  nowMs += afterMs;
  process.emit(signal);
}

test('the first interrupt asks to undo the run, a second one ends the program at once', () => {
  receive('SIGINT', 0);
  expect(interrupts.signal.aborted).toBe(true);
  expect(said).toBe('\nstopping: the run is being undone; Ctrl-C again ends at once\n');
  receive('SIGTERM', 500);
  expect(exit).toHaveBeenCalledWith(130);
});

test('an interrupt that npm and tsx pass on besides counts once', () => {
  receive('SIGINT', 0);
  receive('SIGINT', 30);
  receive('SIGINT', 400);
  expect(exit).not.toHaveBeenCalled();
});

test('an interrupt that ends the holding is not taken for one of the run', async () => {
  const next = interrupts.next();
  receive('SIGINT', 0);
  await next;
  receive('SIGINT', 30);
  expect(interrupts.signal.aborted).toBe(false);
  expect(said).toBe('');
});
