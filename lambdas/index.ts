/** The entry of the one bundle that all functions share: each finds its handler under its own name. */
export { handler as bake } from './bake';
export { handler as clone } from './clone';
export { handler as failback } from './failback';
export { handler as follow } from './follow';
export { handler as guard } from './guard';
export { handler as migrate } from './migrate';
export { handler as prepare } from './prepare';
export { handler as retire } from './retire';
export { handler as rollback } from './rollback';
export { handler as snapshot } from './snapshot';
export { handler as switchover } from './switchover';
export { handler as validate } from './validate';
