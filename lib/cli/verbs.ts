/** The verbs, in the order in which they are listed. */
import type { Verb } from './verb';
import { failbackVerb } from './verbs/failback';
import { localVerb } from './verbs/local';
import { planVerb } from './verbs/plan';

export const VERBS: readonly Verb[] = [planVerb, localVerb, failbackVerb];
