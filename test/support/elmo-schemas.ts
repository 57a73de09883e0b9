import { existsSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { validateXML } from 'xmllint-wasm';

const folder = process.env['TEST_SCHEMAS'] ?? fileURLToPath(new URL('../../../shared/schemas', import.meta.url));

/** Whether the published schemas lie beside the repository (or where `TEST_SCHEMAS` says); said aloud where they do not. */
export const schemasAreHere = existsSync(join(folder, 'elmo'));
if (!schemasAreHere)
  process.stderr.write(
    'the published schemas of ELMO are not on this machine (TEST_SCHEMAS): validation against them is SKIPPED\n',
  );

export type Version = 'v1.7.0' | 'v2.0.0';
const read = (...parts: readonly string[]) => readFileSync(join(folder, ...parts), 'utf8');

/** The official example of a version. */
export const exampleOf = (version: Version): string => read('elmo', version, 'example.xml');

/** Only what the schemas take from it. */
const XML_NAMESPACE =
  '<xs:schema xmlns:xs="http://www.w3.org/2001/XMLSchema" targetNamespace="http://www.w3.org/XML/1998/namespace"><xs:attribute name="lang" type="xs:string"/></xs:schema>';
const COMMON_TYPES =
  '<xs:schema xmlns:xs="http://www.w3.org/2001/XMLSchema" targetNamespace="https://github.com/erasmus-without-paper/ewp-specs-architecture/blob/stable-v1/common-types.xsd"><xs:simpleType name="CountryCode"><xs:restriction base="xs:string"/></xs:simpleType></xs:schema>';

/** What the official schema of a version has against a document: nothing where it is valid. */
export async function faultsOf(xml: string, version: Version): Promise<readonly string[]> {
  // The schemas import each other by web addresses; nothing is fetched here, so that each is called by the last part of its own.
  const local = (schema: string, name: (address: string) => string) =>
    schema.replaceAll(/schemaLocation="([^"]+)"/g, (_whole, address: string) => `schemaLocation="${name(address)}"`);
  const nameOf = (address: string) => (address.includes('types-address') ? 'address.xsd' : (address.split('/').at(-1) ?? ''));
  const { valid, errors } = await validateXML({
    xml: [{ fileName: 'document.xml', contents: xml }],
    schema: [{ fileName: 'elmo.xsd', contents: local(read('elmo', version, 'schema.xsd'), nameOf) }],
    preload: [
      { fileName: 'xml.xsd', contents: XML_NAMESPACE },
      { fileName: 'common-types.xsd', contents: COMMON_TYPES },
      { fileName: 'address.xsd', contents: local(read('ewp-address', 'schema.xsd'), nameOf) },
      ...['xmldsig-core-schema.xsd', 'EUROPASS_ISOCountries_V1.1.xsd'].map((name) => ({
        fileName: name,
        contents: local(read('elmo', version, 'references', name), nameOf),
      })),
    ],
    initialMemoryPages: 1_024,
    maxMemoryPages: 4_096,
  });
  return valid ? [] : errors.map(({ message }) => message);
}
