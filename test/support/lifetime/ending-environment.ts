/** The environment of every test file: when a test is over, however it ends, what it started is ended before the next one begins. */
import type { Circus } from '@jest/types';
import { TestEnvironment } from 'jest-environment-node';
import { Lifetime } from './lifetime';
import { childrenOf, endProcesses } from './processes';

type Given = ConstructorParameters<typeof TestEnvironment>;

// biome-ignore lint/style/noDefaultExport: jest asks for it
export default class EndingEnvironment extends TestEnvironment {
  private readonly before = childrenOf(process.pid);
  private readonly seen = new WeakSet<Circus.Hook>();
  private readonly file = new Lifetime();
  private test = new Lifetime();

  constructor(...given: Given) {
    super(...given);
    this.global.lifetimeOfCaller = () => Lifetime.ofCaller();
  }

  async handleTestEvent(event: Circus.Event): Promise<void> {
    if (event.name === 'test_start') {
      const test = new Lifetime();
      this.test = test;
      event.test.fn = within(event.test.fn, () => test);
    } else if (event.name === 'hook_start' && !this.seen.has(event.hook)) {
      this.seen.add(event.hook); // one for each test starts more than once
      event.hook.fn = within(event.hook.fn, () => (event.hook.type.endsWith('Each') ? this.test : this.file));
    } else if (event.name === 'test_done') {
      await this.test.end();
    } else if (event.name === 'run_finish') {
      await this.file.end();
    }
  }

  /** Nobody has told of what is left. */
  override async teardown(): Promise<void> {
    await endProcesses(childrenOf(process.pid).filter((pid) => !this.before.includes(pid)));
    await super.teardown();
  }
}

function within(fn: Circus.TestFn, lifetime: () => Lifetime): () => Promise<unknown> {
  return async function (this: unknown) {
    return lifetime().run(() => (fn as () => unknown).call(this));
  };
}
