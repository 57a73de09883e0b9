import { existsSync, mkdirSync, readFileSync, renameSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { html } from 'hono/html';
import { calculateJwkThumbprint, exportJWK, exportSPKI, generateKeyPair, importJWK, SignJWT, UnsecuredJWT, type JWK } from 'jose';
import { exchangeStudents, staff, students } from './sample.js';
import { simulator, type Simulator } from './simulator.js';

export const AUDIENCE = 'registrar';
const EIGHT_HOURS = 8 * 60 * 60;

/**
 * What to put into a token. `alg` other than RS256 makes the classical forgeries: `none` carries no signature, `HS256` is
 * signed with
 * the public key as if it were a secret; `foreignKey` is RS256 by a key this issuer does not have, under this issuer's key id.
 */
export interface TokenWish {
  readonly sub: string;
  readonly aud?: string;
  readonly iss?: string;
  readonly expiresInSeconds?: number;
  readonly alg?: 'RS256' | 'HS256' | 'none';
  readonly foreignKey?: boolean;
  readonly login?: string;
  /** What the issuer tells of the sign-in: its session, when somebody proved who they are (seconds), the token's own id. */
  readonly sid?: string;
  readonly authTime?: number;
  readonly jti?: string;
}

export interface IdentityProvider extends Simulator<object> {
  makeToken(wish: TokenWish): Promise<string>;
}

const freshKey = async () => exportJWK((await generateKeyPair('RS256', { extractable: true })).privateKey);

/** One for all issuers of a process that keep none: making one takes long, and each issuer has a name of its own. */
let ofTheProcess: Promise<JWK> | undefined;

async function keyOf(folder?: string): Promise<JWK> {
  if (!folder) return (ofTheProcess ??= freshKey());
  const file = join(folder, 'identity-provider.key.json');
  if (existsSync(file)) return JSON.parse(readFileSync(file, 'utf8'));
  const key = await freshKey();
  mkdirSync(folder, { recursive: true });
  writeFileSync(`${file}.new`, JSON.stringify(key), { mode: 0o600 });
  renameSync(`${file}.new`, file);
  return key;
}

const subjectOf = (login: string): string | undefined =>
  [...staff, ...exchangeStudents].find((person) => person.login === login)?.id ??
  (/^student\d+$/.test(login) ? students[Number(login.slice(7))]?.uid : undefined);

const called = ({ role, course }: { role: string; course?: string }) => (course ? `${role} (${course})` : role);

const persons = () => [
  ...staff.map(({ login, roles }) => ({ login, roles: roles.map(called).join(', ') })),
  ...exchangeStudents.map(({ login }) => ({ login, roles: 'student, once registered' })),
  ...students.map((_, index) => ({ login: `student${index}`, roles: 'student: cannot sign in to Registrar' })),
];

/**
 * An issuer of tokens for the simulated world (OpenID Connect discovery and keys; handing a token to anybody who names a person
 * is what
 * makes it unfit for anything else).
 *
 * - `GET /.well-known/openid-configuration`, `GET /jwks.json`
 * - `GET /token/{login}` -> a JWT as plain text, RS256, 8 hours, `aud` registrar, `sub` the id of the staff register or, for
 *   `student0`
 *   onwards, Ladok's student UID; `test1` and `test2` are the test persons of the exchange; 404 for anybody else
 * - `GET /` a page of everybody with a command to copy
 *
 * The key is kept in the folder, so tokens outlive a restart. `issuer` fixes `iss` (otherwise its own address); `apiUrl` is the
 * whole
 * address shown in the commands.
 */
export function identityProviderSimulator({
  folder,
  issuer,
  apiUrl = 'http://127.0.0.1:8080/me',
}: { folder?: string; issuer?: string; apiUrl?: string } = {}): IdentityProvider {
  const base = simulator('identity-provider', () => ({}), folder);
  const key = keyOf(folder);
  let ownAddress = '';
  const iss = () => issuer ?? ownAddress;
  const publicPart = async (): Promise<JWK> => {
    const { kty, n, e } = await key;
    return { kty, n, e, alg: 'RS256', use: 'sig', kid: await calculateJwkThumbprint({ kty, n, e }) };
  };

  async function makeToken(wish: TokenWish): Promise<string> {
    const now = Math.floor(Date.now() / 1000);
    const claims = {
      iss: wish.iss ?? iss(),
      sub: wish.sub,
      aud: wish.aud ?? AUDIENCE,
      iat: now,
      exp: now + (wish.expiresInSeconds ?? EIGHT_HOURS),
      ...(wish.login && { preferred_username: wish.login }),
      ...(wish.sid && { sid: wish.sid }),
      ...(wish.authTime && { auth_time: wish.authTime }),
      ...(wish.jti && { jti: wish.jti }),
    };
    if (wish.alg === 'none') return new UnsecuredJWT(claims).encode();
    const shown = await publicPart();
    const header = { alg: wish.alg ?? 'RS256', typ: 'JWT', kid: shown.kid };
    if (wish.alg === 'HS256') {
      const pem = await exportSPKI((await importJWK(shown, 'RS256')) as Parameters<typeof exportSPKI>[0]);
      return new SignJWT(claims).setProtectedHeader(header).sign(new TextEncoder().encode(pem));
    }
    const signing = await importJWK(wish.foreignKey ? await freshKey() : await key, 'RS256');
    return new SignJWT(claims).setProtectedHeader(header).sign(signing);
  }

  base.app.get('/.well-known/openid-configuration', (c) =>
    c.json({
      issuer: iss(),
      jwks_uri: `${ownAddress}/jwks.json`,
      authorization_endpoint: `${ownAddress}/`,
      response_types_supported: ['id_token'],
      subject_types_supported: ['public'],
      id_token_signing_alg_values_supported: ['RS256'],
    }),
  );
  base.app.get('/jwks.json', async (c) => c.json({ keys: [await publicPart()] }));

  base.app.get('/token/:login', async (c) => {
    const login = c.req.param('login');
    const sub = subjectOf(login);
    return sub ? c.text(await makeToken({ sub, login })) : c.text('nobody with this login', 404);
  });

  base.app.get('/', (c) =>
    c.html(
      html`<!doctype html>
        <html lang="en">
          <head>
            <meta charset="utf-8" />
            <meta name="viewport" content="width=device-width, initial-scale=1" />
            <title>Persons of the simulated world</title>
            <style>
              body {
                font:
                  1rem/1.5 system-ui,
                  sans-serif;
                max-width: 70rem;
                margin: 2rem auto;
                padding: 0 1rem;
                color: #111;
                background: #fff;
              }
              table {
                border-collapse: collapse;
              }
              th,
              td {
                border: 1px solid #767676;
                padding: 0.3rem 0.6rem;
                text-align: left;
              }
              code {
                user-select: all;
              }
            </style>
          </head>
          <body>
            <h1>Persons</h1>
            <p>
              Nobody here exists. Each name links to a token that is good for eight hours; each command asks the API who that
              person is there. Students are told by mail and cannot sign in, but for the test persons of the exchange.
            </p>
            <table>
              <thead>
                <tr>
                  <th scope="col">Login</th>
                  <th scope="col">Roles</th>
                  <th scope="col">Command</th>
                </tr>
              </thead>
              <tbody>
                ${persons().map(
                  ({ login, roles }) =>
                    html` <tr>
                      <th scope="row"><a href="/token/${login}">${login}</a></th>
                      <td>${roles}</td>
                      <td><code>curl -H "Authorization: Bearer $(curl -s ${ownAddress}/token/${login})" ${apiUrl}</code></td>
                    </tr>`,
                )}
              </tbody>
            </table>
          </body>
        </html>`,
    ),
  );

  return {
    ...base,
    makeToken,
    async listen(port) {
      await key;
      const server = await base.listen(port);
      ownAddress = server.url;
      return server;
    },
  };
}
