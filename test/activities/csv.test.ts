import { describe, expect, it } from '../spec.js';
import fc from 'fast-check';
import { csv } from '../../activities/csv.js';

const plain = { separator: ',', mark: false } as const;

/** Reads it back by RFC 4180, letter by letter. */
function read(text: string, separator: string): string[][] {
  const rows: string[][] = [[]];
  let [cell, quoted] = ['', false];
  const end = () => {
    rows.at(-1)?.push(cell);
    cell = '';
  };
  for (let i = 0; i < text.length; i += 1) {
    const letter = text[i];
    if (quoted) {
      if (letter !== '"') cell += letter;
      else if (text[i + 1] === '"') cell += text[(i += 1)];
      else quoted = false;
    } else if (letter === '"' && cell === '') quoted = true;
    else if (letter === separator) end();
    else if (letter === '\r' && text[i + 1] === '\n') {
      end();
      rows.push([]);
      i += 1;
    } else cell += letter;
  }
  return rows.slice(0, -1);
}

describe('a table as CSV', () => {
  it('has a line for its heads and one for each row, ended by CRLF, and quotes what would divide them', () => {
    expect(
      csv(
        ['a', 'b'],
        [
          ['1,2', 'say "hi"'],
          ['two\nlines', null],
          [3, true],
        ],
        plain,
      ),
    ).toBe('a,b\r\n"1,2","say ""hi"""\r\n"two\nlines",\r\n3,true\r\n');
    expect(csv(['a'], [], plain)).toBe('a\r\n');
  });

  it('has semicolons and a byte order mark where they are asked for', () => {
    expect(csv(['a', 'b'], [['1,2', '3;4']], { separator: ';', mark: true })).toBe('\ufeffa;b\r\n1,2;"3;4"\r\n');
  });

  it.each(['=1+1', '+47 12345678', '-2+3', '@SUM(A1)', ' =1', '=HYPERLINK("http://x.example","y")', '＝1+1', '\u00a0=1', '\tx'])(
    'lets no spreadsheet take %j for a formula',
    (text) => {
      const [[cell] = []] = read(csv([text], [], plain), ',');
      expect(cell).toBe(`'${text}`);
    },
  );

  it.each([
    ['ok;=1+1;x', "ok;'=1+1;x"],
    ['ok,=1+1,x', "ok,'=1+1,x"],
    ['ok; ＋1', "ok;' ＋1"],
    ['ok;"=1+1"', 'ok;\'"=1+1"'],
    ['ok\t@x', "ok\t'@x"],
    ['ok\r\n-2', "ok\r\n'-2"],
    ['\t=1', "'\t'=1"],
    ['1 = 1; a-b, c+d', '1 = 1; a-b, c+d'],
  ])('lets no spreadsheet that divides elsewhere take the rest of %j for a formula', (text, cell) => {
    for (const separator of [',', ';'] as const)
      expect(read(csv([text], [], { separator, mark: false }), separator)).toEqual([[cell]]);
  });

  it('leaves numbers below zero numbers', () => {
    expect(csv(['days'], [[-3]], plain)).toBe('days\r\n-3\r\n');
  });

  it('reads back as it was, but for apostrophes, whatever the texts, and holds no formula by the other separator either', () => {
    const text = fc.oneof(fc.string({ unit: 'binary' }), fc.string({ unit: fc.constantFrom(...'=-;,"\n\r\t x') }));
    fc.assert(
      fc.property(
        fc.array(fc.array(text, { minLength: 3, maxLength: 3 })),
        fc.constantFrom<',' | ';'>(',', ';'),
        (rows, separator) => {
          const written = csv(['x', 'y', 'z'], rows, { separator, mark: false });
          const back = read(written, separator);
          expect(back).toHaveLength(rows.length + 1);
          back
            .slice(1)
            .forEach((row, i) =>
              row.forEach((cell, j) => expect(cell.replaceAll("'", '')).toBe(rows[i]?.[j]?.replaceAll("'", ''))),
            );
          for (const row of [...back, ...read(written, separator === ',' ? ';' : ',')])
            for (const cell of row) expect(cell).not.toMatch(/^\s*[=+\-@]/);
        },
      ),
    );
  });
});
