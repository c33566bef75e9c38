/** Writes what is generated into the documentation: `npx tsx test/docs/regenerate.ts && npm run format`. */
import { readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { generatedBlocks, generatedPlanSchema, PLAN_SCHEMA_FILE, withBlock } from './generated';

const ROOT = join(__dirname, '..', '..');

writeFileSync(join(ROOT, PLAN_SCHEMA_FILE), `${JSON.stringify(generatedPlanSchema(), null, 2)}\n`);
for (const block of generatedBlocks()) {
  const path = join(ROOT, block.file);
  writeFileSync(path, withBlock(readFileSync(path, 'utf8'), block));
}
