/** The form in which the server writes values: fixed, so that no setting of a role or a database makes a difference between the sides. */
import type { Session } from '../session/session';

/** Until the end of the transaction. */
export async function fixTextForm(session: Session): Promise<void> {
  await session.query(`
    select set_config(name, value, true)
      from (values ('timezone', 'UTC'), ('datestyle', 'ISO, MDY'), ('intervalstyle', 'postgres'), ('extra_float_digits', '1'),
                   ('bytea_output', 'hex'), ('lc_monetary', 'C')) as settings (name, value)`);
}

/** For a whole session: both sides write and read values alike, and not for anybody who is gone. @param timeZone see ComparisonOptions */
export async function readAlike(session: Session, timeZone: string): Promise<void> {
  await session.query(
    `select set_config('TimeZone', $1, false), set_config('IntervalStyle', 'postgres', false),
            set_config('bytea_output', 'hex', false), set_config('lc_monetary', 'C', false),
            set_config('client_connection_check_interval', '10s', false)`,
    [timeZone],
  );
}
