/** What users import: the constructs, the plan they take, and the types of both. */

export { BlueGreenMigration, type BlueGreenMigrationProps } from './constructs/blue-green-migration';
export { BlueGreenStack, type BlueGreenStackProps } from './constructs/blue-green-stack';
export type { Change } from './core/changes';
export type { Check, CheckKind } from './core/checks';
export { PlanInvalid } from './core/errors';
export type { PhaseName } from './core/phases';
export type { Plan, PlanSettings } from './core/plan';
export { loadPlan } from './plans/plan-folder';
export type { PhaseFunctions } from './workflow/workflow';
