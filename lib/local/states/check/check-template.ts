/** Checks the templates of a state: JSONata expressions must be ones the service accepts, JSONPath ones in the subset. */
import type { QueryLanguage } from '../definition';
import { parsePath } from '../flow/json-path';
import { isObject, type JsonValue } from '../json-value';
import { expressionIn, expressionProblem } from '../jsonata-expression';
import type { Problems } from './problems';

/** Fields that hold states or plain names, no templates. */
const NO_TEMPLATES = [
  'Type',
  'Comment',
  'QueryLanguage',
  'Next',
  'End',
  'Default',
  'Resource',
  'Label',
  'Branches',
  'ItemProcessor',
  'Retry',
  'Result',
];
const PATH_FIELDS = /Path$/;

export function checkTemplates(problems: Problems, path: string, holder: JsonValue, language: QueryLanguage): void {
  if (!isObject(holder)) return;
  for (const [field, value] of Object.entries(holder)) {
    if (NO_TEMPLATES.includes(field)) continue;
    if (language === 'JSONata') checkExpressions(problems, `${path}/${field}`, value);
    else if (PATH_FIELDS.test(field)) checkPath(problems, `${path}/${field}`, value);
    else if (field === 'Catch') checkCatchers(problems, `${path}/${field}`, value);
    else checkPayload(problems, `${path}/${field}`, value);
  }
}

function checkCatchers(problems: Problems, path: string, catchers: JsonValue): void {
  if (!Array.isArray(catchers)) return;
  for (const [index, catcher] of catchers.entries()) checkTemplates(problems, `${path}[${index}]`, catcher, 'JSONPath');
}

function checkExpressions(problems: Problems, path: string, value: JsonValue): void {
  if (typeof value === 'string') {
    const expression = expressionIn(value);
    const problem = expression === undefined ? undefined : expressionProblem(expression);
    if (problem) problems.add(path, problem);
  } else if (Array.isArray(value)) {
    for (const [index, item] of value.entries()) checkExpressions(problems, `${path}[${index}]`, item);
  } else if (isObject(value)) {
    for (const [key, item] of Object.entries(value)) checkExpressions(problems, `${path}/${key}`, item);
  }
}

function checkPayload(problems: Problems, path: string, value: JsonValue): void {
  if (Array.isArray(value)) {
    for (const [index, item] of value.entries()) checkPayload(problems, `${path}[${index}]`, item);
  } else if (isObject(value)) {
    for (const [key, item] of Object.entries(value)) {
      if (key.endsWith('.$')) checkPath(problems, `${path}/${key}`, item);
      else checkPayload(problems, `${path}/${key}`, item);
    }
  }
}

/** InputPath, OutputPath and ResultPath may be null. */
function checkPath(problems: Problems, path: string, value: JsonValue): void {
  if (value === null && /\/(Input|Output|Result)Path$/.test(path)) return;
  if (typeof value === 'string' && parsePath(value)) return;
  problems.add(
    path,
    `${JSON.stringify(value)} is outside the subset of JSONPath that the local engine reads ($.a.b[0], $['a'], $$.State.Name, $variable.a); write the state in JSONata`,
  );
}
