/** Picks the data flow that a state's query language asks for. */
import type { QueryLanguage } from '../definition';
import type { Visit } from '../visit';
import type { DataFlow } from './data-flow';
import { JsonPathFlow } from './json-path-flow';
import { JsonataFlow } from './jsonata-flow';

const FLOWS: Readonly<Record<QueryLanguage, DataFlow>> = { JSONata: new JsonataFlow(), JSONPath: new JsonPathFlow() };

export function flowFor(visit: Visit): DataFlow {
  return FLOWS[visit.state.QueryLanguage];
}
