import { SaidNo } from '../outbound.js';

/**
 * Ladok answered with its error object. The error's `message` says nothing about anybody; Ladok's own sentence is
 * `staffText`.
 */
export class LadokRefused extends SaidNo {
  override readonly name = 'LadokRefused';
  override readonly partner = 'ladok';
  readonly #staffText: string;

  constructor(
    /** HTTP status. */
    readonly status: number,
    /** `Felkategori` without its prefix, such as `valideringsfel`. */
    readonly category: string,
    /** `Felgrupp` without its prefix. */
    readonly group: string,
    /** `Detaljkod` without its prefix. */
    readonly detailCode: string,
    staffText: string,
  ) {
    super(`Ladok refused (${status} ${category} ${detailCode})`);
    this.#staffText = staffText;
  }

  /** `Meddelande`, in Swedish, may be shown to staff. */
  get staffText(): string {
    return this.#staffText;
  }

  /**
   * True when the content was refused: the same call again is pointless, and other rows are not concerned. False for certificate,
   * rights, media types and errors inside Ladok.
   */
  get concernsContent(): boolean {
    return [400, 404, 409, 422].includes(this.status);
  }
}
