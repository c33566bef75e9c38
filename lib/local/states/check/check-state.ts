/** Checks one state: its fields, what it needs, where it leads. */
import type { QueryLanguage, StateType } from '../definition';
import { isObject, type JsonObject, type JsonValue } from '../json-value';
import { parseTaskResource } from '../task-resource';
import { checkCatch, checkRetry } from './check-retry';
import { checkTemplates } from './check-template';
import type { Problems } from './problems';
import { allowedFields, otherLanguageOf, STATE_TYPES } from './state-fields';

export interface StateCheck {
  readonly problems: Problems;
  readonly path: string;
  readonly state: JsonObject;
  readonly machineLanguage: QueryLanguage;
  /** Called for every block of states inside the state. */
  readonly onBlock: (path: string, block: JsonValue | undefined) => void;
}

/** Where a state leads: the names of states of the same block, with the path where each is named. */
export type Transitions = [path: string, name: string][];

export function languageOf(state: JsonObject, machineLanguage: QueryLanguage): QueryLanguage {
  return state.QueryLanguage === undefined ? machineLanguage : (state.QueryLanguage as QueryLanguage);
}

export function checkState(check: StateCheck): Transitions {
  const { problems, path, state, machineLanguage } = check;
  const type = state.Type as StateType;
  if (!STATE_TYPES.includes(type)) {
    problems.add(`${path}/Type`, `must be one of ${STATE_TYPES.join(', ')}, got ${JSON.stringify(state.Type)}`);
    return [];
  }
  const language = languageOf(state, machineLanguage);
  if (language !== 'JSONata' && language !== 'JSONPath') {
    problems.add(`${path}/QueryLanguage`, `must be JSONata or JSONPath, got ${JSON.stringify(language)}`);
    return [];
  }
  if (language === 'JSONPath' && machineLanguage === 'JSONata') {
    problems.add(path, "'QueryLanguage' can not be 'JSONPath' if set to 'JSONata' for whole state machine");
  }
  checkFields(check, type, language);
  checkTemplates(problems, path, state, language);
  const transitions: Transitions = [];
  const onNext = (at: string, name: JsonValue | undefined) => {
    const target = problems.text(at, name);
    if (target !== undefined) transitions.push([at, target]);
  };
  checkOnward(check, type, onNext);
  checkRetry(problems, `${path}/Retry`, state.Retry);
  const outputs = language === 'JSONata' ? ['Output'] : ['ResultPath'];
  checkCatch(problems, `${path}/Catch`, state.Catch, {
    fields: ['ErrorEquals', 'Next', 'Assign', 'Comment', ...outputs],
    onNext,
  });
  REQUIRED[type]?.(check, onNext);
  return transitions;
}

function checkFields({ problems, path, state }: StateCheck, type: StateType, language: QueryLanguage): void {
  const allowed = allowedFields(type, language);
  for (const field of Object.keys(state)) {
    if (allowed.includes(field)) continue;
    const other = otherLanguageOf(field, type, language);
    const message = other
      ? `The QueryLanguage is set to '${language}', but field '${field}' is only supported for the '${other}' QueryLanguage`
      : `unknown field of a ${type} state in ${language}; allowed are ${allowed.join(', ')}`;
    problems.add(other ? path : `${path}/${field}`, message);
  }
  if (state.Assign !== undefined && !isObject(state.Assign))
    problems.add(`${path}/Assign`, 'must be an object of variables');
  if (type === 'Choice' && language === 'JSONPath') {
    problems.add(
      path,
      'the local engine offers Choice in JSONata only; give the state "QueryLanguage": "JSONata" and Conditions',
    );
  }
}

type OnNext = (path: string, name: JsonValue | undefined) => void;

function checkOnward({ problems, path, state }: StateCheck, type: StateType, onNext: OnNext): void {
  if (type === 'Choice' || type === 'Succeed' || type === 'Fail') return;
  const { Next, End } = state;
  if (End !== undefined && End !== true) problems.add(`${path}/End`, `must be true, got ${JSON.stringify(End)}`);
  if ((Next === undefined) === (End === undefined)) problems.add(path, 'must have either Next or End');
  if (Next !== undefined) onNext(`${path}/Next`, Next);
}

/** What a type of state needs besides. */
const REQUIRED: Readonly<Partial<Record<StateType, (check: StateCheck, onNext: OnNext) => void>>> = {
  Task({ problems, path, state }) {
    const resource = problems.text(`${path}/Resource`, state.Resource);
    if (resource === undefined || parseTaskResource(resource)) return;
    problems.add(
      `${path}/Resource`,
      `'${resource}' is neither a Lambda function ARN nor a service integration (arn:aws:states:::lambda:invoke); activities are not offered`,
    );
  },
  Choice({ problems, path, state }, onNext) {
    if (state.Default !== undefined) onNext(`${path}/Default`, state.Default);
    for (const [index, rule] of (problems.list(`${path}/Choices`, state.Choices) ?? []).entries()) {
      const at = `${path}/Choices[${index}]`;
      const fields = problems.object(at, rule);
      if (!fields) continue;
      problems.unknownFields(at, fields, ['Condition', 'Next', 'Assign', 'Output', 'Comment']);
      if (fields.Condition === undefined) problems.add(`${at}/Condition`, 'is missing');
      onNext(`${at}/Next`, fields.Next);
    }
  },
  Wait({ problems, path, state }) {
    const given = ['Seconds', 'Timestamp', 'SecondsPath', 'TimestampPath'].filter(
      (field) => state[field] !== undefined,
    );
    if (given.length !== 1)
      problems.add(path, `must have exactly one of Seconds and Timestamp, got ${given.join(' and ') || 'neither'}`);
  },
  Parallel({ problems, path, state, onBlock }) {
    const branches = problems.list(`${path}/Branches`, state.Branches) ?? [];
    for (const [index, branch] of branches.entries()) onBlock(`${path}/Branches[${index}]`, branch);
  },
  Map({ problems, path, state, onBlock }) {
    onBlock(`${path}/ItemProcessor`, state.ItemProcessor);
    const config = isObject(state.ItemProcessor) ? state.ItemProcessor.ProcessorConfig : undefined;
    if (config === undefined) return;
    const fields = problems.object(`${path}/ItemProcessor/ProcessorConfig`, config) ?? {};
    problems.unknownFields(`${path}/ItemProcessor/ProcessorConfig`, fields, ['Mode', 'ExecutionType']);
    if (!['INLINE', 'DISTRIBUTED', undefined].includes(fields.Mode as string | undefined)) {
      problems.add(
        `${path}/ItemProcessor/ProcessorConfig/Mode`,
        `must be INLINE or DISTRIBUTED, got ${JSON.stringify(fields.Mode)}`,
      );
    }
  },
};
