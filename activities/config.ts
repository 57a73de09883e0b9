import { readFileSync } from 'node:fs';
import { BlockList, isIP } from 'node:net';
import { z } from 'zod';
import { payloadKeys, type PayloadKeys } from './codec.js';
import { secretsFrom, type Secrets } from './secrets.js';

const url = z.url({ protocol: /^https?$/ });
const optionalFile = z.string().min(1).optional();

/** Addresses and networks (`192.0.2.7`, `10.0.0.0/8`, `2001:db8::/32`), separated by commas. */
const networks = z.string().transform((text, context) => {
  const all = new BlockList();
  for (const one of text.split(',').flatMap((part) => part.trim() || [])) {
    const [address = '', bits, ...more] = one.split('/');
    const family = isIP(address) === 6 ? 'ipv6' : 'ipv4';
    const most = family === 'ipv6' ? 128 : 32;
    if (isIP(address) && more.length === 0 && (bits === undefined || (/^\d{1,3}$/.test(bits) && Number(bits) <= most)))
      all.addSubnet(address, Number(bits ?? most), family);
    else context.addIssue({ code: 'custom', message: 'neither an address nor a network' });
  }
  return all;
});

/** What the environment has to say. Names and meanings stand in docs/operations.md. */
const environment = z.object({
  DATABASE_URL: z.string().startsWith('postgres'),
  MASTER_SECRET: z.base64(),
  PAYLOAD_KEYS: z.string().min(1),
  TEMPORAL_NAMESPACE: z.string().default('registrar'),
  BUILD_ID: z.string().optional(),
  PUBLIC_URL: url.default('http://127.0.0.1:8080'),
  API_HOST: z.string().default('127.0.0.1'),
  API_PORT: z.coerce.number().int().default(8080),
  TRUSTED_PROXIES: networks.prefault(''),
  METRICS_PORT: z.coerce.number().int().default(0),
  LOG_LEVEL: z.enum(['debug', 'info', 'warn', 'error']).default('info'),
  INSTITUTION_CODE: z.string().default('bth'),
  INSTITUTION_NAME: z.string().default('Exempelhögskolan'),
  INSTITUTION_ZONE: z.string().default('Europe/Stockholm'),
  INSTITUTION_LANGUAGE: z.enum(['sv', 'nb', 'en']).default('sv'),
  OIDC_ISSUER: url,
  OIDC_JWKS_URL: url,
  OIDC_AUDIENCE: z.string().default('registrar'),
  LADOK_URL: url,
  LADOK_CERT_FILE: optionalFile,
  LADOK_KEY_FILE: optionalFile,
  BANKID_URL: url,
  BANKID_CERT_FILE: optionalFile,
  BANKID_KEY_FILE: optionalFile,
  BANKID_CA_FILE: optionalFile,
  BANKID_ROOTS_FILE: z.string().min(1).describe("PEM of the authorities that a signer's certificate has to end in"),
  SMS_URL: url,
  SMS_USER: z.string(),
  SMS_PASSWORD: z.string(),
  SMS_FROM: z.string().default('Registrar'),
  SMTP_HOST: z.string(),
  SMTP_PORT: z.coerce.number().int(),
  SMTP_USER: z.string().optional(),
  SMTP_PASSWORD: z.string().optional(),
  MAIL_FROM: z.string().min(1),
  MAIL_HOST: z.string().min(1),
  STAFF_REGISTER_URL: url,
  STAFF_REGISTER_TOKEN: z.string(),
  STUDENT_PORTAL_URL: url,
  STUDENT_PORTAL_TOKEN: z.string(),
  REGISTRY_SYSTEM_URL: url,
  REGISTRY_SYSTEM_TOKEN: z.string(),
  ITSLEARNING_URL: url,
  ITSLEARNING_USER: z.string(),
  ITSLEARNING_PASSWORD: z.string(),
  ITSLEARNING_ENTERPRISE_URL: url,
  ITSLEARNING_ENTERPRISE_USER: z.string(),
  ITSLEARNING_ENTERPRISE_PASSWORD: z.string(),
  FS_URL: url,
  FS_USER: z.string(),
  FS_PASSWORD: z.string(),
  FS_INSTITUTION: z.string().regex(/^\d+$/),
  EXCHANGE_REGISTRY_URL: url,
  EXCHANGE_CODE: z
    .string()
    .regex(/^[a-z0-9.-]{3,100}$/)
    .describe('Our SCHAC code, as the registry of the exchange lists us'),
  EXCHANGE_KEY_FILE: z.string().min(1).describe('PEM of our RSA key: signs requests, answers and documents'),
  ARCHIVE_URL: url,
  ARCHIVE_TOKEN: z.string(),
  ARCHIVE_PART: z.string().default('Eksamen'),
});

/** The environment as it was read: every name with its checked value. */
export type Environment = z.infer<typeof environment>;

/** Everything a process has to know, read once. */
export interface Config extends Environment {
  readonly secrets: Secrets;
  readonly payloadKeys: PayloadKeys;
}

/** A setting is missing or wrong: one sentence that says which, and nothing of its value. */
export class ConfigProblem extends Error {
  override readonly name = 'ConfigProblem';
}

/** Reads the environment, or says in one sentence what is missing. */
export function readConfig(env: NodeJS.ProcessEnv = process.env): Config {
  const parsed = environment.safeParse(env);
  if (!parsed.success) {
    const names = [...new Set(parsed.error.issues.map((issue) => issue.path.join('.')))];
    throw new ConfigProblem(`These settings are missing or wrong: ${names.join(', ')}. See docs/operations.md.`);
  }
  return {
    ...parsed.data,
    secrets: secretsFrom(Buffer.from(parsed.data.MASTER_SECRET, 'base64')),
    payloadKeys: payloadKeys(parsed.data.PAYLOAD_KEYS),
  };
}

/** The text of a PEM file that a setting names, if it names one. */
export const pem = (file: string | undefined): string | undefined => (file ? readFileSync(file, 'utf8') : undefined);

/** The certificates of a PEM file, one by one. */
export const certificates = (file: string): string[] =>
  readFileSync(file, 'utf8').match(/-----BEGIN CERTIFICATE-----[^-]+-----END CERTIFICATE-----/g) ?? [];
