/** Run by `ended-tests.test.ts` alone: a file beside the one whose worker is killed, so that there are workers. */
test('goes its way', () => undefined);
