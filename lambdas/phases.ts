/** The code of every phase. */
import type { PhaseName } from '../lib/core/phases';
import type { Phase } from '../lib/ports/world';
import { bake } from './bake';
import { clone } from './clone';
import { failback } from './failback';
import { follow } from './follow';
import { migrate } from './migrate';
import { prepare } from './prepare';
import { retire } from './retire';
import { rollback } from './rollback';
import { snapshot } from './snapshot';
import { switchover } from './switchover';
import { validate } from './validate';

export const PHASE_CODE: Readonly<Record<PhaseName, Phase<unknown>>> = {
  prepare,
  snapshot,
  clone,
  migrate,
  follow,
  validate,
  switchover,
  bake,
  retire,
  rollback,
  failback,
};
