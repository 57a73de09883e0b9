import { createPublicKey } from 'node:crypto';
import { readFileSync } from 'node:fs';
import type { Config } from '../config.js';

/** Our institution as the registry of the exchange has to list it. */
export interface Ourselves {
  /** SCHAC code. */
  readonly code: string;
  /** PEM of the key whose private half signs. */
  readonly key: string;
}

const inner = (pem: string): string => createPublicKey(pem).export({ type: 'spki', format: 'der' }).toString('base64');

/** Reads who we are in the exchange. Fails where the key file is missing or holds no key. */
export const ourselves = (config: Pick<Config, 'EXCHANGE_CODE' | 'EXCHANGE_KEY_FILE'>): Ourselves => ({ code: config.EXCHANGE_CODE, key: readFileSync(config.EXCHANGE_KEY_FILE, 'utf8') });

/** Whether one of the keys, in PEM, is the public half of ours. A key that is none is not. */
export const hasOurKey = ({ key }: Ourselves, keys: readonly string[]): boolean => keys.some((one) => {
  try {
    return inner(one) === inner(key);
  } catch {
    return false;
  }
});
