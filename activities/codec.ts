import { createCipheriv, createDecipheriv, randomBytes } from 'node:crypto';
import proto from '@temporalio/proto';
import type { Payload, PayloadCodec } from '@temporalio/common';

const ENCODING = 'binary/registrar';
const text = (bytes: Uint8Array | null | undefined) => new TextDecoder().decode(bytes ?? new Uint8Array());
const bytes = (value: string) => new TextEncoder().encode(value);

/** Keys for payloads: the first encrypts, all of them decrypt, so that a key can be changed while cases are open. */
export type PayloadKeys = ReadonlyMap<string, Buffer>;

/** Reads `id:base64,id:base64`; each key is 32 bytes. */
export function payloadKeys(written: string): PayloadKeys {
  const keys = new Map(
    written.split(',').map((one) => {
      const [id, key] = one.trim().split(':');
      const raw = Buffer.from(key ?? '', 'base64');
      if (!id || raw.length !== 32) throw new Error('PAYLOAD_KEYS has to be id:base64 of 32 bytes, separated by commas.');
      return [id, raw] as const;
    }),
  );
  return keys;
}

const marked = (): Payload => ({ metadata: { encoding: bytes('json/plain') }, data: bytes('{"undecodable":true}') });

/**
 * Encrypts everything that goes through Temporal (AES-256-GCM; the key's id lies beside it). What it cannot decode is marked,
 * never thrown at: one stranger's message must not block a case. The marked value fits no command, so it is refused.
 */
export function createCodec(keys: PayloadKeys): PayloadCodec {
  const current = [...keys][0];
  if (!current) throw new Error('no payload key');
  const [currentId, currentKey] = current;

  const encodeOne = (payload: Payload): Payload => {
    const iv = randomBytes(12);
    const cipher = createCipheriv('aes-256-gcm', currentKey, iv);
    cipher.setAAD(Buffer.from(currentId));
    const plain = proto.temporal.api.common.v1.Payload.encode(payload).finish();
    const data = Buffer.concat([iv, cipher.update(plain), cipher.final(), cipher.getAuthTag()]);
    return { metadata: { encoding: bytes(ENCODING), key: bytes(currentId) }, data };
  };

  const decodeOne = (payload: Payload): Payload => {
    if (text(payload.metadata?.['encoding']) !== ENCODING) return payload.metadata?.['encoding'] ? marked() : payload;
    try {
      const id = text(payload.metadata?.['key']);
      const key = keys.get(id);
      if (!key) return marked();
      const data = Buffer.from(payload.data ?? new Uint8Array());
      const decipher = createDecipheriv('aes-256-gcm', key, data.subarray(0, 12));
      decipher.setAAD(Buffer.from(id));
      decipher.setAuthTag(data.subarray(-16));
      const plain = Buffer.concat([decipher.update(data.subarray(12, -16)), decipher.final()]);
      return proto.temporal.api.common.v1.Payload.decode(plain);
    } catch {
      return marked();
    }
  };

  return { encode: async (payloads) => payloads.map(encodeOne), decode: async (payloads) => payloads.map(decodeOne) };
}
