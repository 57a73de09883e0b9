const references: Readonly<Record<string, string>> = { '&': 'amp', '<': 'lt', '>': 'gt', '"': 'quot', "'": 'apos' };
const characters = new Map(Object.entries(references).map(([character, name]) => [name, character]));

/** Text as it stands in an element or attribute. */
export const escaped = (text: string): string => text.replace(/[&<>"']/g, (character) => `&${references[character]};`);

/** A text holds a reference that plain XML does not have. */
class NotXml extends Error {
  override readonly name = 'NotXml';
}

const isCharacter = (point: number) =>
  [9, 10, 13].includes(point) || (point >= 0x20 && point < 0xd8_00) || (point > 0xdf_ff && point <= 0x10_ff_ff);

/**
 * Text as it is meant. Only the five references every XML has, and numbers: entities of one's own need a DTD, and there is none.
 * Throws where there is another.
 */
export const unescaped = (text: string): string =>
  text.replace(/&([^;&]*);?/g, (_whole, name: string) => {
    const number = /^#(?:x([0-9a-f]{1,6})|(\d{1,7}))$/i.exec(name);
    const point = number ? Number.parseInt(number[1] ?? number[2] ?? '', number[1] ? 16 : 10) : 0;
    const character = isCharacter(point) ? String.fromCodePoint(point) : characters.get(name);
    if (character === undefined) throw new NotXml();
    return character;
  });
