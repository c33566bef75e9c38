/** What a parameter group's value may be. */
import type { ServerParameter } from '../../servers/server';
import { RdsFault } from '../protocol/rds-fault';

/** @throws RdsFault InvalidParameterValue */
export function requireValidValue(parameter: ServerParameter, value: string): void {
  const { name, dataType, minimum = Number.NEGATIVE_INFINITY, maximum = Number.POSITIVE_INFINITY } = parameter;
  const refuse = (allowed: string) =>
    new RdsFault(
      'InvalidParameterValue',
      `Invalid parameter value: ${value} for: ${name} allowed values are: ${allowed}`,
    );
  if (!parameter.modifiable) {
    throw new RdsFault('InvalidParameterValue', `The parameter ${name} cannot be modified.`);
  }
  if (dataType === 'boolean' && !/^(0|1|on|off|true|false)$/i.test(value)) throw refuse('0,1');
  if (dataType === 'integer' || dataType === 'float') {
    const number = Number(value);
    const wellFormed = dataType === 'integer' ? /^-?\d+$/.test(value) : value.trim() !== '' && Number.isFinite(number);
    if (!wellFormed || number < minimum || number > maximum) throw refuse(`${minimum}-${maximum}`);
  }
}
