import { createPublicKey } from 'node:crypto';
import { describe, expect, it } from '../spec.js';
import { judge } from '../../activities/exchange/elmo/judge.js';
import { readElmo } from '../../activities/exchange/elmo/read.js';
import { signed, signedText } from '../../activities/exchange/elmo/signature.js';
import { writeElmo } from '../../activities/exchange/elmo/write.js';
import { hardened } from '../../activities/exchange/hardened-xml.js';
import { ownKey } from '../../activities/exchange/http-signature.js';
import type { Report, ReportedResult } from '../../activities/exchange/report.js';
import { document, type DocumentFault } from '../simulators/institutions/document.js';
import { simulatedKey } from '../simulators/institutions/keys.js';
import { sampleInstitutions } from '../simulators/institutions/sample.js';
import { exampleOf, faultsOf, schemasAreHere, type Version } from '../support/elmo-schemas.js';

const own = ownKey(simulatedKey(7).privateKey.export({ type: 'pkcs8', format: 'pem' }).toString());
const other = ownKey(simulatedKey(8).privateKey.export({ type: 'pkcs8', format: 'pem' }).toString());
const NORA = '01819000049';
const institution = { code: 'north.example', url: 'https://north.example/', keys: [own.publicKey] };

const results: readonly ReportedResult[] = [
  {
    key: 'g-1',
    category: 'qualification',
    code: 'BAC',
    nameNb: 'Bachelor i språk',
    nameEn: 'Bachelor of Languages',
    term: '2026 VÅR',
    credits: '180',
    creditScheme: 'ects',
    passedOn: '2026-06-15',
  },
  {
    key: 'e-1',
    partOf: 'g-1',
    category: 'course',
    code: 'SÁM-1',
    nameNb: 'Davvisámegiella: áâčđŋšŧž ÆØÅ äö',
    nameEn: 'Northern Sámi',
    term: '2025 HØST',
    credits: '7.5',
    creditScheme: 'ects',
    result: 'B',
    gradingScheme: 'A-F; A to E pass, F fail.',
    passedOn: '2025-12-10',
    description: 'Første linje.\n\n<b>Andre</b> & siste "linje".',
  },
  {
    key: 'e-2',
    partOf: 'g-1',
    category: 'thesis',
    code: 'BOPPG',
    nameNb: 'Bacheloroppgave',
    thesisTitle: 'Om \'hermetegn\' & "tegn" <1751>',
    result: 'C',
    gradingScheme: 'A-F; A to E pass, F fail.',
  },
  { key: 'e-3', category: 'module', code: 'M-1', nameNb: 'Modul' },
  {
    key: 'e-4',
    category: 'course',
    code: 'X-1',
    nameNb: 'Emne med oppgave',
    thesisTitle: 'Liten oppgave',
    result: 'B',
    gradingScheme: 'B pass, S fail.',
  },
  { key: 'e-5', category: 'other', nameEn: 'Something' },
];
const report: Report = {
  learner: { nationalNumber: NORA, givenNames: 'Nóra Ánne', familyName: 'Sárá-Ørsæter', birthDate: '1990-01-01' },
  issuer: {
    code: 'north.example',
    nameNb: 'Universitetet i Nord (oppdiktet)',
    nameEn: 'University of the North (made up)',
    country: 'NO',
    url: 'https://north.example/',
  },
  generatedAt: '2026-11-20T03:12:09.000Z',
  results,
};
const believed = (xml: string, number = NORA, at = institution) =>
  judge({ institution: at, nationalNumber: number, document: Buffer.from(xml) });
const whole = signed(writeElmo(report), own);
const signatureIn = (xml: string) => /<Signature[\s\S]*<\/Signature>/.exec(xml)?.[0] ?? '';
const digestIn = (xml: string) => /<DigestValue>([^<]*)</.exec(xml)?.[1] ?? '';
const unsigned = (xml: string) => xml.replace(signatureIn(xml), '');
const itWithSchemas = schemasAreHere ? it : it.skip;

describe('ELMO', () => {
  it('RX-15 is read as it was written, with letters of all languages spoken here', async () => {
    expect(await believed(whole)).toEqual(report);
  });

  it('RX-13 takes five hundred results at once, as they are written here, and no more', async () => {
    const { partOf: _none, ...full } = results[1] as (typeof results)[number];
    const written = (many: number) =>
      signed(writeElmo({ ...report, results: Array.from({ length: many }, (_, i) => ({ ...full, key: `e-${i}` })) }), own);
    expect((await believed(written(500))).results).toHaveLength(500);
    await expect(believed(written(501))).rejects.toMatchObject({ reason: 'rejected-format' });
  });

  it('RX-15 says of a Swedish name that it is one, and reads one where there is no Norwegian', async () => {
    const swedish = writeElmo({
      ...report,
      results: [{ key: 'a', category: 'course', nameNb: 'Elektriska nät', nameLanguage: 'sv', nameEn: 'Power grids' }],
    });
    expect(swedish).toContain('<title xml:lang="sv">Elektriska nät</title><title xml:lang="en">Power grids</title>');
    const [read] = (await believed(signed(swedish, own))).results;
    expect(read).toMatchObject({ nameNb: 'Elektriska nät', nameEn: 'Power grids' });
  });

  it('RX-14 writes no results that are parts of each other', () => {
    expect(() =>
      writeElmo({
        ...report,
        results: [
          { key: 'a', partOf: 'b', category: 'course' },
          { key: 'b', partOf: 'a', category: 'course' },
        ],
      }),
    ).toThrow('parts of each other');
  });

  it('RX-15 writes a character that XML cannot hold as the one that stands for it', async () => {
    const odd = signed(
      writeElmo({ ...report, results: [{ key: 'a', category: 'course', nameNb: 'Emne\u0001 \uD800 \u{1F393}' }] }),
      own,
    );
    expect((await believed(odd)).results[0]?.nameNb).toBe('Emne\uFFFD \uFFFD \u{1F393}');
  });

  itWithSchemas('RX-13 is written as the official schema of 1.7.0 has it, with its signature', async () => {
    expect(await faultsOf(whole, 'v1.7.0')).toEqual([]);
    expect(await faultsOf(whole.replace('<status>passed</status>', '<status>bestått</status>'), 'v1.7.0')).not.toEqual([]);
  });

  itWithSchemas('RX-13 tells 1.7 and 2.0 apart by field, and reads what either schema has', async () => {
    const issuer = {
      ...sampleInstitutions[2]!,
      url: 'https://alta.example/',
      key: simulatedKey(7).privateKey,
      stranger: simulatedKey(54).privateKey,
    };
    const person = issuer.persons[0]!;
    const written = (fault: DocumentFault | null) =>
      document({ issuer, person, results: person.results, fault, at: '2026-11-20T04:12:09Z' });
    const withIdentifiers = written('elmo-2.0');
    expect(await faultsOf(written(null), 'v1.7.0')).toEqual([]);
    expect(await faultsOf(withIdentifiers, 'v2.0.0')).toEqual([]);
    expect(await faultsOf(written(null), 'v2.0.0')).not.toEqual([]);
    expect(await faultsOf(withIdentifiers, 'v1.7.0')).not.toEqual([]);
    const [old, young] = [readElmo(written(null)), readElmo(withIdentifiers)];
    expect([old.version, young.version]).toEqual(['1.7', '2.0']);
    expect(young.report).toEqual(old.report);
  });

  itWithSchemas.each<Version>(['v1.7.0', 'v2.0.0'])(
    'RX-13 reads the official example of %s, which is a document of 1.7',
    async (version) => {
      expect(await faultsOf(exampleOf(version), 'v1.7.0')).toEqual([]);
      const { version: read, report: found } = readElmo(
        hardened(Buffer.from(exampleOf(version)), { bytes: 1_000_000, elements: 10_000 }),
      );
      expect(read).toBe('1.7');
      expect(found).toMatchObject({
        learner: { nationalNumber: '83041200000', familyName: 'Rygielski', birthDate: '1983-04-12' },
        issuer: { code: 'uw.edu.pl', country: 'PL' },
      });
      expect(
        found.results.map(({ category, code, partOf, nameNb, nameEn, credits, result }) => [
          category,
          code,
          partOf,
          nameNb ?? nameEn,
          credits,
          result,
        ]),
      ).toEqual([
        ['qualification', 'MNM2-BIO', undefined, 'Master i biologi', '120', undefined],
        ['course', 'EKSTERN', 'made:MNM2-BIO:2009 VÅR', expect.stringContaining('fungi'), '15', 'Innpasset'],
        ['course', '1000-217bMRJ', undefined, 'Compiler construction', '6', '45.1'],
        ['other', '2829051', undefined, 'Lecture', undefined, undefined],
        ['other', '2829515', undefined, 'Lab classes', undefined, undefined],
        ['other', undefined, undefined, 'The importance of <br> in HTML', undefined, 'C'],
      ]);
    },
  );

  const inner = (more: string, learner = '') =>
    `<elmo xmlns="https://github.com/emrex-eu/elmo-schemas/tree/v1"><generatedDate>2026-11-20T04:12:09+01:00</generatedDate><learner><identifier type="nationalIdentifier">${NORA}</identifier><givenNames>Nora</givenNames>` +
    `<familyName>Eksempel</familyName>${learner}</learner><report><issuer><country>NO</country><identifier type="schac">north.example</identifier><title xml:lang="nb">Nord</title><url>https://north.example/</url></issuer>${more}` +
    '<issueDate>2026-11-20T04:12:09+01:00</issueDate></report></elmo>';
  const course = (
    instance: string,
    head = '<identifier type="local">MAT1000-1</identifier><title xml:lang="nb">Matematikk 1</title><type>Course</type>',
  ) =>
    `<learningOpportunitySpecification>${head}<specifies><learningOpportunityInstance>${instance}</learningOpportunityInstance></specifies></learningOpportunitySpecification>`;

  it('RX-13 reads the example of its wire description', async () => {
    const example = inner(
      course(
        '<identifier type="local">9901-MAT1000-1-2026-VÅR</identifier><date>2026-06-03</date><academicTerm><title xml:lang="nb">VÅR 2026</title><start>2026-01-01</start><end>2026-06-30</end></academicTerm><status>passed</status>' +
          '<gradingSchemeLocalId>no-af</gradingSchemeLocalId><resultLabel>B</resultLabel><credit><scheme>ects</scheme><value>7.5</value></credit><languageOfInstruction>nb</languageOfInstruction>',
      ),
      '<bday>1990-01-01</bday>',
    ).replace(
      '</report>',
      '<gradingScheme localId="no-af"><description xml:lang="en">A-F; A to E pass, F fail.</description></gradingScheme></report>',
    );
    expect((await believed(signed(example, own))).results).toEqual([
      {
        key: '9901-MAT1000-1-2026-VÅR',
        category: 'course',
        code: 'MAT1000-1',
        nameNb: 'Matematikk 1',
        term: '2026 VÅR',
        credits: '7.5',
        creditScheme: 'ects',
        result: 'B',
        gradingScheme: 'A-F; A to E pass, F fail.',
        passedOn: '2026-06-03',
      },
    ]);
  });

  it('RX-13 leaves failed and unfinished results out, and what is within an unfinished degree belongs to nothing', async () => {
    const degree = `<learningOpportunitySpecification><title>Master</title><type>Degree Programme</type><specifies><learningOpportunityInstance><status>in-progress</status></learningOpportunityInstance></specifies><hasPart>${course('<identifier type="local">a</identifier>')}</hasPart><hasPart>${course('<identifier type="local">b</identifier><status>failed</status>')}</hasPart></learningOpportunitySpecification>`;
    expect((await believed(signed(inner(degree), own))).results).toEqual([
      { key: 'a', category: 'course', code: 'MAT1000-1', nameNb: 'Matematikk 1' },
    ]);
  });

  it('RX-24 gives a result without an identifier a key that stays when its grade changes', async () => {
    const term = '<academicTerm><title>2026 Vår</title><start>2026-01-01</start><end>2026-06-30</end></academicTerm>';
    const keys = async (grade: string) =>
      (
        await believed(
          signed(
            inner(course(`${term}<resultLabel>${grade}</resultLabel>`) + course(`${term}<resultLabel>E</resultLabel>`)),
            own,
          ),
        )
      ).results.map(({ key }) => key);
    expect(await keys('B')).toEqual(['made:MAT1000-1:2026 VÅR', 'made:MAT1000-1:2026 VÅR~2']);
    expect(await keys('A')).toEqual(await keys('B'));
  });

  it('RX-15 does not see what others have added', async () => {
    const odd = inner(
      course(
        '<x:date xmlns:x="urn:else">1999-01-01</x:date><date>2026-06-03Z</date><new>1</new><credit><scheme>ects</scheme><value>10.50</value></credit>',
      ),
    ).replace('<report>', '<later/><report>');
    expect((await believed(signed(odd, own))).results).toEqual([
      expect.objectContaining({ passedOn: '2026-06-03', credits: '10.5' }),
    ]);
  });

  it.each([
    ['no date', course('<date>3. juni</date>')],
    ['no number of credits', course('<credit><scheme>ects</scheme><value>7,5</value></credit>')],
    ['a status nobody knows', course('<status>maybe</status>')],
    ['a name longer than a page', course('', `<title>${'x'.repeat(2_000)}</title>`)],
    ['no instance', '<learningOpportunitySpecification><title>x</title><specifies/></learningOpportunitySpecification>'],
    ['more results than a life has', course('').repeat(1_001)],
  ])('RX-13 rejects a document with %s', async (_name, more) => {
    await expect(believed(signed(inner(more), own))).rejects.toMatchObject({ reason: 'rejected-format' });
  });

  it('RX-13 rejects results of two institutions in one document, and a document of another one', async () => {
    const two = inner('').replace(
      '</elmo>',
      `<report><issuer><identifier type="schac">south.example</identifier><title>Sør</title><url>x</url></issuer><issueDate>2026-11-20T04:12:09Z</issueDate></report></elmo>`,
    );
    await expect(believed(signed(two, own))).rejects.toMatchObject({ reason: 'rejected-format' });
    await expect(believed(whole, NORA, { ...institution, code: 'south.example' })).rejects.toMatchObject({
      reason: 'rejected-signature',
    });
  });
});

describe('whom a document is about', () => {
  const about = (identifiers: string) =>
    signed(writeElmo(report).replace(`<identifier type="nationalIdentifier">${NORA}</identifier>`, identifiers), own);

  it('RX-29 is told by the number alone: other names and another birth date do not matter', async () => {
    const changed = {
      ...report,
      learner: { nationalNumber: NORA, givenNames: 'Helt', familyName: 'Annerledes', birthDate: '1950-12-31' },
    };
    expect((await believed(signed(writeElmo(changed), own))).learner).toEqual(changed.learner);
    await expect(believed(whole, '01819000200')).rejects.toMatchObject({ reason: 'rejected-person' });
  });

  it.each([
    ['no number', '<identifier type="esi">urn:schac:x</identifier>'],
    [
      'two numbers',
      `<identifier type="nationalIdentifier">${NORA}</identifier><identifier type="nationalIdentifier">01819000200</identifier>`,
    ],
    ['a number of another kind', `<identifier type="local">${NORA}</identifier>`],
  ])('RX-29 is nobody where there is %s', async (_name, identifiers) => {
    await expect(believed(about(identifiers))).rejects.toMatchObject({ reason: 'rejected-person' });
  });

  it('RX-31 is known by a number that is written with a blank', async () => {
    const spaced = about('<identifier type="nationalIdentifier">018190 00049</identifier>');
    expect((await believed(spaced)).learner.nationalNumber).toBe(NORA);
  });
});

describe('the signature of a document', () => {
  it('RX-13 holds over the canonical text, however the document is written down', async () => {
    const rewritten = whole
      .replace('<elmo ', '<elmo\n   ')
      .replaceAll('<status>passed</status>', '<status ><!-- yes -->passed</status >')
      .replace('<?xml version="1.0" encoding="UTF-8"?>\n', '');
    expect(await believed(rewritten)).toEqual(report);
    await expect(believed(whole.replace('</learner>', ' </learner>'))).rejects.toMatchObject({ reason: 'rejected-signature' });
  });

  it('RX-13 is that of any key the registry has for the institution, and of no other', async () => {
    expect(await believed(whole, NORA, { ...institution, keys: [other.publicKey, own.publicKey] })).toEqual(report);
    for (const keys of [[other.publicKey], []])
      await expect(believed(whole, NORA, { ...institution, keys })).rejects.toMatchObject({ reason: 'rejected-signature' });
  });

  it('RX-13 is not looked for among the keys that a document brings', async () => {
    const pem = own.publicKey.replaceAll(/-----[^-]+-----|\s/g, '');
    const { n = '' } = createPublicKey(own.publicKey).export({ format: 'jwk' });
    const brought = whole.replace(
      '</SignatureValue>',
      `</SignatureValue><KeyInfo><KeyValue><RSAKeyValue><Modulus>${Buffer.from(n, 'base64url').toString('base64')}</Modulus><Exponent>AQAB</Exponent></RSAKeyValue></KeyValue><X509Data><X509Certificate>${pem}</X509Certificate></X509Data></KeyInfo>`,
    );
    expect(await believed(brought)).toEqual(report);
    await expect(believed(brought, NORA, { ...institution, keys: [other.publicKey] })).rejects.toMatchObject({
      reason: 'rejected-signature',
    });
  });

  const forged = unsigned(whole).replaceAll('<resultLabel>B<', '<resultLabel>A<');
  it.each([
    [
      'a forged document around the signed one',
      forged.replace('</elmo>', `<extension>${whole.replace(/^<\?xml.*\n/, '')}</extension></elmo>`),
    ],
    ['a forged document with the signature of the true one', forged.replace('</elmo>', `${signatureIn(whole)}</elmo>`)],
    ['two signatures', whole.replace('</elmo>', `${signatureIn(whole)}</elmo>`)],
    ['a signature in the middle', unsigned(whole).replace('<report>', `${signatureIn(whole)}<report>`)],
    [
      'a forged result within the signature',
      whole.replace(
        '</SignatureValue>',
        '</SignatureValue><Object><elmo xmlns="https://github.com/emrex-eu/elmo-schemas/tree/v1"/></Object>',
      ),
    ],
    ['a reference to a part', whole.replace('URI=""', 'URI="#a"')],
    ['no URI at all', whole.replace(' URI=""', '')],
    [
      'an inclusive prefix list',
      whole.replace(
        /<Transform Algorithm="([^"]*c14n[^"]*)"\/>/,
        '<Transform Algorithm="$1"><InclusiveNamespaces xmlns="http://www.w3.org/2001/10/xml-exc-c14n#" PrefixList="x"/></Transform>',
      ),
    ],
    [
      'a forged digest in a comment',
      forged.replace(
        '</elmo>',
        `${signatureIn(whole).replace('<DigestValue>', `<DigestValue><!--${digestIn(signed(forged, other))}-->`)}</elmo>`,
      ),
    ],
    ['a hidden second signature', whole.replace('<learner>', '<!--<Signature >--><learner>')],
  ])('RX-13 refuses %s', async (_name, xml) => {
    expect(xml).not.toBe(whole);
    await expect(believed(xml)).rejects.toMatchObject({ reason: 'rejected-signature' });
  });

  it('RX-13 gives only what was signed to be read', () => {
    const canonical = signedText(hardened(Buffer.from(whole), { bytes: 100_000, elements: 1_000 }), [own.publicKey]);
    expect(canonical).not.toContain('Signature');
    expect(canonical).toContain('Davvisámegiella: áâčđŋšŧž ÆØÅ äö');
  });
});

describe('the hardened parser', () => {
  const limits = { bytes: 8 * 1024 * 1024, elements: 20_000 };
  const reason = (text: string | Uint8Array) => {
    try {
      return hardened(typeof text === 'string' ? Buffer.from(text) : text, limits) && 'read';
    } catch (cause) {
      return (cause as { reason: string }).reason;
    }
  };

  it.each([
    ['a DTD', '<!DOCTYPE a><a/>', 'forbidden-markup'],
    ['an outside entity', '<!DOCTYPE a [<!ENTITY x SYSTEM "file:///etc/passwd">]><a>&x;</a>', 'forbidden-markup'],
    ['a DTD behind a comment', '<!-- <a> --><!DOCTYPE a><a/>', 'forbidden-markup'],
    ['a processing instruction', '<?xml-stylesheet href="x"?><a/>', 'forbidden-markup'],
    ['a DTD behind an instruction that looks like a comment', '<?x <!-- ?><!DOCTYPE a><a>--></a>', 'forbidden-markup'],
    ['what is not UTF-8', Buffer.from([0x3c, 0x61, 0x3e, 0xff, 0x3c, 0x2f, 0x61, 0x3e]), 'not-utf8'],
    ['half a document', '<a><b></b>', 'not-xml'],
    ['NUL', '<a>\u0000</a>', 'not-xml'],
    ['nine megabytes', `<a>${'x'.repeat(9 * 1024 * 1024)}</a>`, 'too-large'],
    ['a thousand elements in each other', '<a>'.repeat(1_000) + '</a>'.repeat(1_000), 'too-deep'],
    ['elements in each other whose attributes look like ends', '<a b="/>">'.repeat(100) + '</a>'.repeat(100), 'too-deep'],
    ['elements without number', `<a>${'<b/>'.repeat(50_000)}</a>`, 'too-many-elements'],
    ['a title in CDATA, and comments', '<!-- x --><a><![CDATA[<!DOCTYPE html>]]></a>', 'read'],
  ] as const)('RX-13 meets %s', (_name, text, expected) => {
    const began = performance.now();
    expect(reason(text)).toBe(expected);
    expect(performance.now() - began).toBeLessThan(2_000);
  });
});
