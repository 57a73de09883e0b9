import { describe, expect, it } from '../spec.js';
import { extractText, getDocumentProxy } from 'unpdf';
import { renderSignatureDocument, type SignatureDocument } from '../../activities/result-list/signature-document.js';
import type { Check, Verification } from '../../activities/result-list/verification.js';
import { checkTitles, faultTexts, type CheckName, type FaultCode } from '../../activities/result-list/verification-words.js';

interface StructureNode {
  readonly role?: string;
  readonly children?: readonly StructureNode[];
}

const all = Object.keys(checkTitles) as CheckName[];
const verification = (other: Partial<Verification> = {}): Verification => ({
  signed: {
    version: 3,
    hash: '9f'.repeat(32),
    by: 'b0000000-0000-4000-8000-000000000002',
    method: 'bankid',
    at: '2026-11-12T13:03:22.000Z',
  },
  names: { 'b0000000-0000-4000-8000-000000000002': 'Eva Examinator' },
  rows: 12,
  holds: true,
  checks: all.map((name) => ({ name })),
  lists: 1,
  audit: { from: '17', to: '44', before: 'a'.repeat(64), after: 'b'.repeat(64) },
  root: Array.from({ length: 32 }, () => 'AB').join(':'),
  ...other,
});
const about = (other: Partial<SignatureDocument> = {}): SignatureDocument => ({
  number: '4711',
  institution: 'Exempelhögskolan',
  course: { code: 'XX1000', nameSv: 'Exempelkurs', nameEn: 'Example course' },
  module: { code: 'TEN1', nameSv: 'Tentamen', nameEn: 'Examination' },
  verification: verification(),
  verifiedAt: '2031-07-02T09:00:00.000Z',
  zone: 'Europe/Stockholm',
  language: 'sv',
  ...other,
});
const roles = (node: StructureNode): string[] => [...(node.role ? [node.role] : []), ...(node.children ?? []).flatMap(roles)];

async function read(input: SignatureDocument) {
  const pdf = await getDocumentProxy(new Uint8Array(await renderSignatureDocument(input)));
  const { text } = await extractText(pdf, { mergePages: true });
  const structures = await Promise.all(
    Array.from(
      { length: pdf.numPages },
      async (_page, index) => (await (await pdf.getPage(index + 1)).getStructTree()) as StructureNode,
    ),
  );
  return {
    text: text.replace(/\s+/g, ' '),
    pages: pdf.numPages,
    roles: structures.flatMap(roles),
    metadata: await pdf.getMetadata(),
  };
}

describe('the signature document', () => {
  it.each([
    ['sv', 'Signaturbevis', 'Exempelkurs', 'Signaturen stämmer. Alla kontroller är godkända.', 'Godkänd'],
    ['nb', 'Signaturbevis', 'Exempelkurs', 'Signaturen stemmer. Alle kontroller er godkjent.', 'Godkjent'],
    ['en', 'Signature verification', 'Example course', 'The signature holds. All checks passed.', 'Passed'],
  ] as const)('says in %s what was verified, when, and by what', async (language, title, course, verdict, passed) => {
    const { text, pages, metadata } = await read(about({ language }));
    for (const part of [
      title,
      course,
      verdict,
      '4711',
      'TEN1',
      'Eva Examinator',
      'BankID',
      '2026-11-12 14:03:22 Europe/Stockholm (UTC+01:00)',
      '2031-07-02 11:00:00 Europe/Stockholm (UTC+02:00)',
      '9f'.repeat(32),
      'a'.repeat(64),
      'b'.repeat(64),
      'AB AB AB',
      ...all.map((name) => checkTitles[name][language]),
    ])
      expect(text).toContain(part);
    expect(text.split(` ${passed} `).length - 1).toBe(all.length);
    expect(pages).toBe(1);
    expect(metadata.info).toMatchObject({ Title: `${title} 4711`, Language: language });
  });

  it.each(['sv', 'nb', 'en'] as const)(
    'says in %s which checks failed and why, over as many pages as it takes',
    async (language) => {
      const codes = Object.keys(faultTexts) as FaultCode[];
      const checks: Check[] = codes.map((code, index) => ({
        name: all[index % all.length] as CheckName,
        fault: { code, detail: 'entry-99' },
      }));
      const { text, pages } = await read(
        about({ language, verification: verification({ holds: false, checks, audit: null, root: null, rows: null }) }),
      );
      for (const code of codes) expect(text).toContain(faultTexts[code][language].replace('{detail}', 'entry-99'));
      expect(text).toContain(
        {
          sv: `Signaturen kan inte styrkas. ${codes.length} kontroller är underkända.`,
          nb: `Signaturen kan ikke bekreftes. ${codes.length} kontroller er ikke godkjent.`,
          en: `The signature cannot be confirmed. ${codes.length} checks failed.`,
        }[language],
      );
      expect(text).not.toContain({ sv: 'Signaturen stämmer', nb: 'Signaturen stemmer', en: 'The signature holds' }[language]);
      expect(pages).toBe(2);
      expect(
        (await read(about({ language, verification: verification({ holds: false, checks: checks.slice(0, 1) }) }))).text,
      ).toContain({ sv: '1 kontroll är underkänd.', nb: '1 kontroll er ikke godkjent.', en: '1 check failed.' }[language]);
    },
  );

  it.each([
    ['sv', 'BankID, 5 resultatlistor i en underskrift'],
    ['nb', 'BankID, 5 resultatlister i én signatur'],
    ['en', 'BankID, 5 result lists in one signature'],
  ] as const)('RL-40 says in %s that the signature was given for several lists', async (language, words) => {
    expect(await read(about({ language, verification: verification({ lists: 5 }) }))).toMatchObject({
      text: expect.stringContaining(words),
      pages: 1,
    });
    for (const lists of [1, null])
      expect((await read(about({ language, verification: verification({ lists }) }))).text).not.toMatch(/BankID, \d/);
  });

  it.each([
    ['sv', 'Tove Lärare för Eva Examinator'],
    ['nb', 'Tove Lärare for Eva Examinator'],
    ['en', 'Tove Lärare for Eva Examinator'],
  ] as const)('RL-36 says in %s who signed for whom', async (language, who) => {
    const { signed, names } = verification();
    const { text } = await read(
      about({
        language,
        verification: verification({
          signed: { ...signed, by: 'tove', for: signed.by },
          names: { ...names, tove: 'Tove Lärare' },
        }),
      }),
    );
    expect(text).toContain(who);
  });

  it('keeps long and Sámi names whole, and leaves out the module of a list without one', async () => {
    const by = 'Máhtte-Ŋuorggánjálbmi Čáhppesgáldočoalbmi Đeagŋa-Áhkášbákti Ŧiŋgelsáttonjárga';
    const { module: _none, ...whole } = about({
      verification: verification({ names: { 'b0000000-0000-4000-8000-000000000002': by.normalize('NFD') } }),
    });
    const { text } = await read(whole);
    expect(text).toContain(by);
    expect(text).not.toContain('Provmoment');
  });

  it('is tagged for screen readers, and the same data gives the same bytes', async () => {
    const { roles: found } = await read(about());
    expect(found.filter((role) => role === 'TR')).toHaveLength(all.length + 1);
    expect(found).toEqual(expect.arrayContaining(['H1', 'H2', 'Table', 'TH', 'TD', 'P']));
    expect((await renderSignatureDocument(about())).equals(await renderSignatureDocument(about()))).toBe(true);
  });
});
