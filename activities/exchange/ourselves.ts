import { readFileSync } from 'node:fs';
import type { Config } from '../config.js';
import { keyIdOf, ownKey, type OwnKey } from './http-signature.js';

/** Our institution as the registry of the exchange has to list it. */
export interface Ourselves {
  /** SCHAC code. */
  readonly code: string;
  readonly key: OwnKey;
}

/** Reads who we are in the exchange. Fails where the key file is missing or holds no key. */
export const ourselves = (config: Pick<Config, 'EXCHANGE_CODE' | 'EXCHANGE_KEY_FILE'>): Ourselves => ({
  code: config.EXCHANGE_CODE,
  key: ownKey(readFileSync(config.EXCHANGE_KEY_FILE, 'utf8')),
});

/** Whether one of the keys, in PEM, is the public half of ours. */
export const hasOurKey = ({ key }: Ourselves, keys: readonly string[]): boolean => keys.some((one) => keyIdOf(one) === key.id);
