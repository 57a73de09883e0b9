import type { Went } from '../support/crowd.js';
import type { ExchangeMeasured } from './exchange.js';
import type { AtMass } from './mass.js';
import type { Samples } from './samples.js';
import type { Kind, Rate } from './steps.js';

/** Everything measured, as kept in `test-results/bench.json`. Durations in ms unless a name says seconds. */
export interface Results {
  readonly node: string;
  readonly cores: number;
  readonly processor: string;
  readonly at: string;
  /** Load average of the last minute: above the number of cores, something else ran as well. */
  readonly load: { readonly before: number; readonly after: number };
  readonly one?: { readonly bare: Samples; readonly plain: Samples; readonly registrar: Samples } | undefined;
  readonly eight?: Readonly<Record<Kind, Rate>> | undefined;
  readonly edit?: { readonly plain: Samples; readonly rowByRow: Samples; readonly registrar: Samples } | undefined;
  /** The same with 1,000 rows. */
  readonly largeEdit?: Results['edit'];
  /** A list of 1,000 students from draft to the last letter. */
  readonly size?: Omit<Went, 'saved'> & { readonly saved: Samples };
  readonly mass?: readonly AtMass[] | undefined;
  readonly exchange?: ExchangeMeasured | undefined;
  readonly start?:
    { readonly firstSeconds: number; readonly laterSeconds: readonly number[]; readonly median: number } | undefined;
}

type Row = readonly [what: string, measured: string, ratio: string, goal: string];

const ms = (samples: Samples) => `${samples.median.toFixed(1)} ms (p90 ${samples.p90.toFixed(1)}, n ${samples.n})`;
const rate = (one: Rate) => `${one.aSecond.toFixed(1)} a second (n ${one.steps})`;
const at = (value: number, goal: number, most = true) => {
  const met = most ? value <= goal : value >= goal;
  return [value.toFixed(2), `${most ? '<=' : '>='} ${goal}  ${met ? 'met' : 'MISSED'}`] as const;
};

/** The table that is printed. */
export function tableOf(results: Results): string {
  const { one, eight, edit, largeEdit, size, mass, start, exchange } = results;
  const rows: Row[] = [];
  if (one) {
    rows.push(
      ['a step, 1 in flight: bare', ms(one.bare), '', ''],
      [
        'a step, 1 in flight: Registrar, promises nothing, ends nothing',
        ms(one.plain),
        ...at(one.plain.median / one.bare.median, 1.25),
      ],
      [
        'a step, 1 in flight: Registrar, promises a letter',
        ms(one.registrar),
        ...at(one.registrar.median / one.bare.median, 1.25),
      ],
    );
  }
  if (eight) {
    rows.push(
      ['steps, 8 in flight: bare', rate(eight.bare), '', ''],
      [
        'steps, 8 in flight: Registrar, promise nothing, end nothing',
        rate(eight.plain),
        ...at(eight.plain.aSecond / eight.bare.aSecond, 0.8, false),
      ],
      [
        'steps, 8 in flight: Registrar, promise nothing, end the workflow',
        rate(eight.alone),
        ...at(eight.alone.aSecond / eight.bare.aSecond, 0.8, false),
      ],
      [
        'steps, 8 in flight: Registrar, with the letters and orders they promise',
        rate(eight.promising),
        ...at(eight.promising.aSecond / eight.bare.aSecond, 0.8, false),
      ],
    );
  }
  for (const [many, saving] of [
    ['30', edit],
    ['1,000', largeEdit],
  ] as const) {
    if (!saving) continue;
    rows.push(
      [`${many} rows: plain transaction, one statement`, ms(saving.plain), '', ''],
      [`${many} rows: plain transaction, row by row`, ms(saving.rowByRow), '', ''],
      [
        `${many} rows: saved over HTTP, against one statement`,
        ms(saving.registrar),
        ...at(saving.registrar.median / saving.plain.median, 2),
      ],
      [
        `${many} rows: saved over HTTP, against row by row`,
        ms(saving.registrar),
        ...at(saving.registrar.median / saving.rowByRow.median, 2),
      ],
    );
  }
  if (size) {
    rows.push(
      [
        `a list of ${size.rows}, saved whole ${size.saves} times: events of its workflow`,
        String(size.events),
        '',
        `< 500  ${size.events < 500 ? 'met' : 'MISSED'}`,
      ],
      ['the same: bytes of its history', String(size.bytes), '', `< 1 MB  ${size.bytes < 1_000_000 ? 'met' : 'MISSED'}`],
      ['the same: a save', ms(size.saved), '', ''],
      ...Object.entries(size.seconds).map(([part, seconds]): Row => [`the same: ${part}`, `${seconds.toFixed(1)} s`, '', '']),
      ['the same: letters', String(size.letters), '', ''],
    );
  }
  const [few, many] = mass ?? [];
  if (few && many) {
    for (const part of [few, many])
      rows.push(
        [`${part.open} open cases: a page of the list`, ms(part.list), '', ''],
        [`${part.open} open cases: a step`, ms(part.step), '', ''],
        [`${part.open} open cases: a bare step meanwhile`, ms(part.bare), '', ''],
      );
    rows.push(
      ['the list, many against few', '', ...at(many.list.median / few.list.median, 1.1)],
      ['a step, many against few', '', ...at(many.step.median / few.step.median, 1.1)],
      [
        'a step, many against few, each against bare',
        '',
        ...at(many.step.median / many.bare.median / (few.step.median / few.bare.median), 1.1),
      ],
    );
  }
  if (exchange) {
    const { crowd, few: before, many: beside } = exchange;
    rows.push(
      [
        `${crowd.orders} orders at once, nobody slow: all institutions but one have answered`,
        `${crowd.quietSeconds.toFixed(1)} s`,
        '',
        '',
      ],
      [
        'the same beside a slow one, against nobody slow',
        `${crowd.othersSeconds.toFixed(1)} s`,
        ...at(crowd.othersSeconds / crowd.quietSeconds, 1.1),
      ],
      [
        'the same: the slow one as well, against the least it can take with 4 calls at a time',
        `${crowd.allSeconds.toFixed(1)} s (least ${crowd.leastSeconds.toFixed(1)} s)`,
        ...at(crowd.allSeconds / crowd.leastSeconds, 1.1),
      ],
      [
        'the same: most calls at a time to any institution',
        String(crowd.most),
        '',
        `<= 4  ${crowd.most <= 4 ? 'met' : 'MISSED'}`,
      ],
    );
    for (const part of [before, beside])
      rows.push([
        `${part.open} open orders: ${exchange.institutions} institutions asked, the slowest ${exchange.slowestMs} ms and then its document: from the order to its own end`,
        ms(part.whole),
        ...at(part.whole.median / exchange.slowestMs, 1.1),
      ]);
    for (const part of [before, beside])
      rows.push(
        [`${part.open} open orders: a page of the list`, ms(part.list), '', ''],
        [`${part.open} open orders: a stop`, ms(part.stop), '', ''],
      );
    rows.push(
      ['the list of orders, many against few', '', ...at(beside.list.median / before.list.median, 1.1)],
      ['a stop, many against few', '', ...at(beside.stop.median / before.stop.median, 1.1)],
    );
  }
  if (start)
    rows.push(
      ['npm start, the first', `${start.firstSeconds.toFixed(1)} s`, '', ''],
      ['npm start, later', `${start.laterSeconds.map((s) => s.toFixed(1)).join(', ')} s`, ...at(start.median, 20)],
    );
  const widths = [0, 1, 2].map((column) => Math.max(...rows.map((row) => (row[column] as string).length)));
  const line = (row: Row) => `  ${row.map((cell, column) => cell.padEnd(widths[column] ?? 0)).join('  ')}`.trimEnd();
  const head = `node ${results.node}, ${results.cores} cores (${results.processor}), load ${results.load.before.toFixed(1)} before and ${results.load.after.toFixed(1)} after`;
  return [head, '', ...rows.map(line)].join('\n');
}
