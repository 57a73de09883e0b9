import { hkdfSync } from 'node:crypto';

/** Keys for different purposes from one master secret, so that none can stand in for another. Kept outside the database. */
export interface Secrets {
  /** Seals commands between API and worker. */
  readonly envelope: Buffer;
  /** Makes control numbers (AU-04). */
  readonly controlNumber: Buffer;
  /** Derives the codes sent by SMS (RL-39). */
  readonly signingCode: Buffer;
  /** Derives the addresses of calendar feeds. */
  readonly calendar: Buffer;
  /** Disguises the numbers of people that others asked us about, and who are unknown here. */
  readonly strangers: Buffer;
}

/** @param master at least 32 random bytes */
export function secretsFrom(master: Buffer): Secrets {
  if (master.length < 32) throw new Error('The master secret has to be at least 32 bytes long.');
  const key = (purpose: string) => Buffer.from(hkdfSync('sha256', master, '', `registrar/${purpose}`, 32));
  return {
    envelope: key('envelope'),
    controlNumber: key('control-number'),
    signingCode: key('signing-code'),
    calendar: key('calendar'),
    strangers: key('strangers'),
  };
}
