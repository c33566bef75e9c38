/** Compares a value with a recorded one in which accounts, times, names and ids were replaced by placeholders. */

/** Placeholders that stand for a whole value. */
const WHOLE = /^(timestamp|date|datetime|snf_role_arn|x-amzn-RequestId|X-Amzn-Trace-Id|\w+_(name|arn|url|uid\d*))$/;
/** Placeholders that stand inside a text; some were put inside one another. */
const INSIDE = /<+[\w:.-]+(?:>[\w:.-]*)?>*|111111111111/;

/** Whether `actual` is what was recorded, around the placeholders. */
export function matchesRecorded(recorded: unknown, actual: unknown): boolean {
  if (recorded === actual) return true;
  if (typeof recorded === 'string') return matchesText(recorded, actual);
  if (typeof actual === 'string') return unpacked(actual) !== actual && matchesRecorded(recorded, unpacked(actual));
  if (Array.isArray(recorded)) {
    return (
      Array.isArray(actual) &&
      actual.length === recorded.length &&
      recorded.every((item, i) => matchesRecorded(item, actual[i]))
    );
  }
  if (!isRecord(recorded) || !isRecord(actual)) return false;
  const keys = Object.keys(recorded);
  return keys.length === Object.keys(actual).length && keys.every((key) => matchesRecorded(recorded[key], actual[key]));
}

function matchesText(recorded: string, actual: unknown): boolean {
  if (typeof actual === 'string') {
    if (WHOLE.test(recorded)) return true;
    const pattern = recorded.split(INSIDE).map((part) => part.replace(/[.*+?^${}()|[\]\\]/g, '\\$&'));
    if (new RegExp(`^${pattern.join('[\\s\\S]*')}$`).test(actual)) return true;
  }
  const [want, got] = [unpacked(recorded), typeof actual === 'string' ? unpacked(actual) : actual];
  return (want !== recorded || got !== actual) && matchesRecorded(want, got);
}

/** The data a text holds, if it holds JSON that is not a text again. */
function unpacked(text: string): unknown {
  try {
    return JSON.parse(text);
  } catch {
    return text;
  }
}

function isRecord(value: unknown): value is Record<string, unknown> {
  return typeof value === 'object' && value !== null && !Array.isArray(value);
}
