/** The form in which the server writes values: fixed, so that no setting of a role or a database makes a difference between the sides. */
import type { Session } from './session';

/** Until the end of the transaction. */
export async function fixTextForm(session: Session): Promise<void> {
  await session.query(`
    select set_config(name, value, true)
      from (values ('timezone', 'UTC'), ('datestyle', 'ISO, MDY'), ('intervalstyle', 'postgres'), ('extra_float_digits', '1'),
                   ('bytea_output', 'hex'), ('lc_monetary', 'C')) as settings (name, value)`);
}
