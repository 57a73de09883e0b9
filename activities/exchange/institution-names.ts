import type { Transaction } from '../../prisma/client.js';

/** An institution as people read of it. */
export interface NamedInstitution {
  /** Its SCHAC code. */
  readonly code: string;
  /** Its number in the national register, 216; null where the registry of the exchange never listed it. */
  readonly number: string | null;
  readonly nameNb: string;
  readonly nameEn: string;
}

/**
 * The names of some institutions by code, as the registry of the exchange gives them; the code itself where it never listed one.
 */
export async function namesOf(tx: Transaction, codes: readonly string[]): Promise<(code: string) => NamedInstitution> {
  const rows = await tx.exchangePartner.findMany({
    where: { code: { in: [...new Set(codes)] } },
    select: { code: true, number: true, nameNb: true, nameEn: true },
  });
  const found = new Map(rows.map((one) => [one.code, one]));
  return (code) => found.get(code) ?? { code, number: null, nameNb: code, nameEn: code };
}
