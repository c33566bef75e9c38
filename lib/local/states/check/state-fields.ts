/** Which fields a state may carry, by type and query language; whatever is not listed is refused. */
import type { QueryLanguage, StateType } from '../definition';

const ANY = ['Type', 'Comment', 'QueryLanguage'];
const ONWARD = ['Next', 'End'];
const RESILIENT = ['Retry', 'Catch'];

/** What a state may carry in either language. */
const COMMON: Readonly<Record<StateType, readonly string[]>> = {
  Pass: [...ONWARD, 'Assign'],
  Task: [...ONWARD, ...RESILIENT, 'Assign', 'Resource', 'TimeoutSeconds', 'HeartbeatSeconds', 'Credentials'],
  Choice: ['Choices', 'Default', 'Assign'],
  Wait: [...ONWARD, 'Assign', 'Seconds', 'Timestamp'],
  Succeed: [],
  Fail: ['Error', 'Cause'],
  Parallel: [...ONWARD, ...RESILIENT, 'Assign', 'Branches'],
  Map: [
    ...ONWARD,
    ...RESILIENT,
    'Assign',
    'ItemProcessor',
    'ItemSelector',
    'MaxConcurrency',
    'ToleratedFailureCount',
    'ToleratedFailurePercentage',
    'Label',
  ],
};

const JSONATA: Readonly<Record<StateType, readonly string[]>> = {
  Pass: ['Output'],
  Task: ['Output', 'Arguments'],
  Choice: ['Output'],
  Wait: ['Output'],
  Succeed: ['Output'],
  Fail: [],
  Parallel: ['Output', 'Arguments'],
  Map: ['Output', 'Items'],
};

const IN_AND_OUT = ['InputPath', 'OutputPath'];
const WITH_RESULT = [...IN_AND_OUT, 'Parameters', 'ResultPath', 'ResultSelector'];

const JSON_PATH: Readonly<Record<StateType, readonly string[]>> = {
  Pass: [...IN_AND_OUT, 'Parameters', 'ResultPath', 'Result'],
  Task: [...WITH_RESULT, 'TimeoutSecondsPath', 'HeartbeatSecondsPath'],
  Choice: [],
  Wait: [...IN_AND_OUT, 'SecondsPath', 'TimestampPath'],
  Succeed: IN_AND_OUT,
  Fail: ['ErrorPath', 'CausePath'],
  Parallel: WITH_RESULT,
  Map: [
    ...WITH_RESULT,
    'ItemsPath',
    'MaxConcurrencyPath',
    'ToleratedFailureCountPath',
    'ToleratedFailurePercentagePath',
  ],
};

export const STATE_TYPES = Object.keys(COMMON) as readonly StateType[];

export function allowedFields(type: StateType, language: QueryLanguage): readonly string[] {
  return [...ANY, ...COMMON[type], ...(language === 'JSONata' ? JSONATA : JSON_PATH)[type]];
}

/** The language that knows the field when the state's own does not. */
export function otherLanguageOf(field: string, type: StateType, language: QueryLanguage): QueryLanguage | undefined {
  const other = language === 'JSONata' ? 'JSONPath' : 'JSONata';
  return allowedFields(type, other).includes(field) ? other : undefined;
}
