/** The engine does what the real service was recorded doing. */
import { existsSync } from 'node:fs';
import { resolve } from 'node:path';
import { readRecordings, replayDifferences } from '../support/recording-replay';

const NEIGHBOUR = resolve(__dirname, '../../../shared/asl-recordings/recordings.jsonl');
const file = process.env.ASL_RECORDINGS ?? NEIGHBOUR;

/** Recordings that cannot be compared, by id, with the reason; at most three. */
const INCOMPARABLE: Readonly<Record<string, string>> = {
  'scenarios/test_base_scenarios.py::TestBaseScenarios::test_map_item_reader_base_json_max_items_jsonata':
    'its items came from an S3 object that is not part of the recording',
  'scenarios/test_base_scenarios.py::TestBaseScenarios::test_map_item_batching_base_json_max_per_batch_jsonata':
    'its items came from an S3 object that is not part of the recording',
};

describe('recorded executions of Step Functions', () => {
  test('lists at most three recordings as incomparable', () => {
    expect(Object.keys(INCOMPARABLE).length).toBeLessThanOrEqual(3);
  });

  if (existsSync(file)) {
    const recordings = readRecordings(file);

    test('the file holds recordings', () => {
      expect(recordings.length).toBeGreaterThan(0);
    });

    for (const recording of recordings) {
      const reason = INCOMPARABLE[recording.id];
      const replay = reason === undefined ? test : test.skip;
      replay(reason === undefined ? recording.id : `${recording.id} (incomparable: ${reason})`, async () => {
        expect(await replayDifferences(recording)).toEqual([]);
      });
    }
  } else if (process.env.ASL_RECORDINGS_REQUIRED) {
    test('the recordings are there', () => {
      throw new Error(
        `no recordings at ${file}; set ASL_RECORDINGS to the file, or unset ASL_RECORDINGS_REQUIRED to go without`,
      );
    });
  } else {
    test.skip(`every recording is replayed (skipped: no file at ASL_RECORDINGS or ${NEIGHBOUR})`, () => {});
  }
});
