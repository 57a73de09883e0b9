import { randomUUID } from 'node:crypto';

/** A refusal on its way out; `app.onError` makes the Ladok error object of it. */
export class Fel extends Error {
  constructor(
    readonly status: 400 | 401 | 404 | 406 | 415 | 500,
    readonly category: string,
    readonly group: string,
    readonly detail: string,
    text: string,
  ) {
    super(text);
  }
}

/** Refused by a rule. Of its detail codes two are public, the others are made up. */
export const invalid = (detail: string, text: string, group = 'felaktigt_format') =>
  new Fel(400, 'valideringsfel', group, detail, text);

export const lostLock = () => invalid('samtidig_uppdatering', 'Resultatet har ändrats av någon annan sedan det lästes');

/** The whole error object, the same keys for every status. */
export const felObject = ({ category, group, detail, message }: Fel) => ({
  FelUID: randomUUID(),
  Felkategori: `commons.fel.kategori.${category}`,
  FelkategoriText: category === 'valideringsfel' ? 'Valideringsfel' : 'Fel',
  Felgrupp: `commons.fel.grupp.${group}`,
  FelgruppText: group,
  Detaljkod: `resultat.fel.detaljkod.${detail}`,
  DetaljkodText: detail,
  Meddelande: message,
  FelkallaAttributID: null,
  FelkallaObjektID: null,
  link: [],
});
