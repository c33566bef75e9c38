/** `npm run conversions`: derives lib/engines/postgres/way-back/conversions.json anew. */
import { writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { derive } from './derive';

async function main(): Promise<void> {
  const began = Date.now();
  const rows = await derive(
    () => true,
    (what) => process.stderr.write(`${Math.round((Date.now() - began) / 1000)} s ${what}\n`),
  );
  const file = join(__dirname, '../../lib/engines/postgres/way-back/conversions.json');
  writeFileSync(file, `[\n${rows.map((row) => `  ${JSON.stringify(row)}`).join(',\n')}\n]\n`);
}

void main();
