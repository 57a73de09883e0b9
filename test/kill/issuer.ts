import { createServer } from 'node:http';
import type { AddressInfo } from 'node:net';
import { exportJWK, generateKeyPair, SignJWT } from 'jose';

/** An issuer of tokens for people who are made up for the load; it lives in the driver, which is never killed. */
export interface Issuer {
  readonly url: string;
  tokenOf(person: string): Promise<string>;
  close(): Promise<void>;
}

export async function startIssuer(): Promise<Issuer> {
  const { publicKey, privateKey } = await generateKeyPair('RS256');
  const keys = JSON.stringify({ keys: [{ ...(await exportJWK(publicKey)), alg: 'RS256', use: 'sig', kid: 'load' }] });
  const server = createServer((_request, response) => void response.setHeader('Content-Type', 'application/json').end(keys));
  await new Promise<void>((ready) => server.listen(0, '127.0.0.1', ready));
  const url = `http://127.0.0.1:${(server.address() as AddressInfo).port}`;
  const tokens = new Map<string, Promise<string>>();
  const made = (person: string) =>
    new SignJWT({})
      .setProtectedHeader({ alg: 'RS256', kid: 'load' })
      .setIssuer(url)
      .setSubject(person)
      .setAudience('registrar')
      .setIssuedAt()
      .setExpirationTime('24h')
      .sign(privateKey);
  return {
    url,
    tokenOf: (person) => {
      const known = tokens.get(person) ?? made(person);
      tokens.set(person, known);
      return known;
    },
    close: () =>
      new Promise((closed) => {
        server.close(() => closed());
        server.closeAllConnections();
      }),
  };
}
