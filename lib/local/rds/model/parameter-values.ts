/** Compares what a parameter group wants with what a server has been told. */
import type { ServerParameter } from '../../servers/server';
import type { InstanceRecord, ParameterGroupRecord } from './records';

/** The parameters of a server that is started, or rebooted, with this group. */
export function wantedParameters(group: ParameterGroupRecord): Record<string, string> {
  return Object.fromEntries(Object.entries(group.values).map(([name, { value }]) => [name, value]));
}

/** What a running server can take over now: the group's dynamic parameters that were not put off to the next reboot. */
export function immediateParameters(
  group: ParameterGroupRecord,
  parameters: ReadonlyMap<string, ServerParameter>,
): Record<string, string> {
  const entries = Object.entries(group.values)
    .filter(([name, { applyMethod }]) => applyMethod === 'immediate' && parameters.get(name)?.applyType === 'dynamic')
    .map(([name, { value }]) => [name, value]);
  return Object.fromEntries(entries);
}

export function needsReboot(instance: InstanceRecord, group: ParameterGroupRecord): boolean {
  const wanted = wantedParameters(group);
  const names = new Set([...Object.keys(wanted), ...Object.keys(instance.appliedParameters)]);
  return [...names].some((name) => wanted[name] !== instance.appliedParameters[name]);
}
