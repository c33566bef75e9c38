/** Tries what becomes of the values of one type in another: by ALTER, by replication, as keys, and on the way back. */
import { columnType, widthBetween } from '../../lib/engines/postgres/way-back/column-type';
import type { Conversion, Verdict } from '../../lib/engines/postgres/way-back/conversions';
import type { Sample } from './samples';
import { FORMS, type Form, type Outcome, type Setting, type TrialServer } from './trial-server';

/** What sends, what applies and what alters may each have settings of its own. */
const SETTINGS: readonly { readonly altering: Setting; readonly replicating: Setting }[] = [
  { altering: 'usual', replicating: 'usual' },
  { altering: 'usual', replicating: 'other' },
  { altering: 'other', replicating: 'usual' },
];

/** No second locale is installed everywhere, so this one is not found by trying. */
const DEPENDS_ON_LOCALE = 'money';

interface Values {
  /** As the usual settings write them. */
  readonly usual: readonly string[];
  readonly other: readonly string[];
}

export class Trial {
  private readonly values = new Map<string, Values>();

  constructor(private readonly server: TrialServer) {}

  /** @returns undefined where no value of the one is a value of the other */
  async of(from: Sample, to: Sample): Promise<Conversion | undefined> {
    const values = await this.valuesOf(from);
    const verdicts: Partial<Record<Form, Verdict>> = {};
    for (const form of FORMS) {
      const verdict = await this.verdict(from, to, form, values);
      if (verdict !== undefined) {
        verdicts[form] = verdict;
      }
    }
    const read = await this.server.read(to.type, 'usual', values.usual);
    const pairs = values.usual.filter((_text, index) => imageOf(read[index]) !== undefined);
    const accidental = !isString(from) && pairs.length * 2 < values.usual.length;
    if (Object.keys(verdicts).every((form) => form === 'text' && accidental)) {
      return undefined;
    }
    const [fromType, toType] = [
      columnTypeOf(await this.server.nameOf(from.type)),
      columnTypeOf(await this.server.nameOf(to.type)),
    ];
    const base = { from: fromType.base, to: toType.base, width: widthBetween(fromType, toType), ...verdicts };
    if (!Object.values(verdicts).includes('same')) {
      return base;
    }
    const written = (await this.server.write(to.type, 'usual', pairs)).map((text) => text ?? '');
    return {
      ...base,
      written: written.every((text, index) => text === pairs[index]) ? 'same' : 'anew',
      key: await this.key(from, to, pairs),
      back: await this.back(from, to, pairs, written),
    };
  }

  private async valuesOf({ type, values }: Sample): Promise<Values> {
    const known = this.values.get(type);
    if (known) {
      return known;
    }
    const written = await this.server.write(type, 'usual', values);
    const usual = [...new Set(written.flatMap((text) => text ?? []))];
    const other = (await this.server.write(type, 'other', usual)).map((text, index) => text ?? usual[index] ?? '');
    const made = { usual, other };
    this.values.set(type, made);
    return made;
  }

  private async verdict(from: Sample, to: Sample, form: Form, values: Values): Promise<Verdict | undefined> {
    for (const { altering, replicating } of SETTINGS) {
      const altered = await this.server.alter(from.type, to.type, form, altering, values.usual);
      if (!altered) {
        return undefined;
      }
      const read = await this.server.read(to.type, replicating, values[replicating]);
      const index = altered.findIndex((one, at) => imageOf(one) !== imageOf(read[at]));
      if (index >= 0) {
        const example = [values.usual[index] ?? '', textOf(altered[index]), textOf(read[index])] as const;
        return altering === replicating ? example : [...example, 'settings'];
      }
      if (altered.every((one) => imageOf(one) === undefined)) {
        return undefined;
      }
    }
    return [from.type, to.type].includes(DEPENDS_ON_LOCALE) ? ['$1.50', '$1.50', '$1.50', 'settings'] : 'same';
  }

  /** Equal before and equal after have to be the same. @returns two values for which they are not */
  private async key(from: Sample, to: Sample, texts: readonly string[]): Promise<NonNullable<Conversion['key']>> {
    if (isString(from) && !isString(to) && !to.type.startsWith('public.')) {
      return 'untried';
    }
    const [before, after] = [await this.server.classes(from.type, texts), await this.server.classes(to.type, texts)];
    if (!before || !after) {
      return 'no equality';
    }
    for (const [one, first] of texts.entries()) {
      for (const [other, second] of texts.entries()) {
        if ((before[one] === before[other]) !== (after[one] === after[other])) {
          return [first, second];
        }
      }
    }
    return 'same';
  }

  /** What flows back has to be what was there, or what green has; or nothing that the former type takes. */
  private async back(
    from: Sample,
    to: Sample,
    texts: readonly string[],
    written: readonly string[],
  ): Promise<NonNullable<Conversion['back']>> {
    const returned = await this.server.read(from.type, 'usual', written);
    const lost = returned.findIndex((one) => !('image' in one));
    if (lost >= 0) {
      return [written[lost] ?? '', null];
    }
    const again = (await this.server.write(from.type, 'usual', written)).map((text) => text ?? '');
    const [old, worst] = [await this.changed(from, to, texts, again), await this.newValuesBack(from, to)];
    return [old, worst].find((one) => Array.isArray(one)) ?? [old, worst].find((one) => one !== 'same') ?? 'same';
  }

  /** By the former type's equality, or where it has none, by what the new one makes of them. */
  private async changed(from: Sample, to: Sample, texts: readonly string[], again: readonly string[]) {
    const classes = await this.server.classes(from.type, [...texts, ...again]);
    if (classes) {
      return worstOf(texts, again, (index) => classes[index] === classes[texts.length + index]);
    }
    const [first, second] = [
      await this.server.read(to.type, 'usual', texts),
      await this.server.read(to.type, 'usual', again),
    ];
    return worstOf(texts, again, (index) => imageOf(first[index]) === imageOf(second[index]));
  }

  private async newValuesBack(from: Sample, to: Sample) {
    const { usual: news } = await this.valuesOf(to);
    const taken = await this.server.write(from.type, 'usual', news);
    const fitting = news.flatMap((text, index) => (taken[index] === undefined ? [] : [{ text, taken: taken[index] }]));
    const [there, andBack] = [fitting.map(({ text }) => text), fitting.map((one) => one.taken)];
    const read = await this.server.read(to.type, 'usual', andBack);
    const classes = await this.server.classes(to.type, [
      ...there,
      ...andBack.filter((_one, index) => 'image' in (read[index] ?? {})),
    ]);
    if (classes && read.every((one) => 'image' in one)) {
      return worstOf(there, andBack, (index) => classes[index] === classes[there.length + index]);
    }
    const first = await this.server.read(to.type, 'usual', there);
    return worstOf(there, andBack, (index) => imageOf(first[index]) === imageOf(read[index]));
  }
}

/** Blanks that are cut off at the end are told apart: strings of a limited length lose them without a word. */
function worstOf(
  texts: readonly string[],
  taken: readonly string[],
  same: (index: number) => boolean,
): 'same' | 'but blanks' | readonly [string, string] {
  const changed = texts.flatMap((text, index) => (same(index) ? [] : [[text, taken[index] ?? ''] as const]));
  const isCut = (text: string, one: string) => text.startsWith(one) && text.trimEnd() === one.trimEnd();
  return changed.find(([text, one]) => !isCut(text, one)) ?? (changed.length > 0 ? 'but blanks' : 'same');
}

function isString({ type }: Sample): boolean {
  return /^(text|varchar|bpchar|char|name|"char")/.test(type);
}

export function columnTypeOf(name: string) {
  return columnType(name, { enumerated: /^public\.(mood|feeling)$/.test(name) });
}

function imageOf(outcome: Outcome | undefined): string | undefined {
  return outcome && 'image' in outcome ? outcome.image : undefined;
}

function textOf(outcome: Outcome | undefined): string | null {
  return outcome && 'text' in outcome ? outcome.text : null;
}
