import { mkdtempSync, rmSync, statSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, it } from '../spec.js';
import { createLocalJWKSet, decodeProtectedHeader, jwtVerify, type JSONWebKeySet } from 'jose';
import { AUDIENCE, identityProviderSimulator, type TokenWish } from './identity-provider.js';
import { exchangeStudents, staff, student } from './sample.js';

describe('identity provider', () => {
  let folder: string;
  let provider: ReturnType<typeof identityProviderSimulator>;
  let server: Awaited<ReturnType<typeof provider.listen>>;
  const eva = staff[1]?.id ?? '';

  beforeEach(async () => {
    folder = mkdtempSync(join(tmpdir(), 'identity-'));
    provider = identityProviderSimulator({ folder });
    server = await provider.listen();
  });
  afterEach(async () => {
    await server.close();
    rmSync(folder, { recursive: true });
  });

  const read = async (path: string) => (await fetch(`${server.url}${path}`)).text();
  const keys = async () => createLocalJWKSet(JSON.parse(await read('/jwks.json')) as JSONWebKeySet);
  const check = async (token: string) =>
    jwtVerify(token, await keys(), { issuer: server.url, audience: AUDIENCE, algorithms: ['RS256'] });

  it('tells where its keys are, and none of them is private', async () => {
    const found = JSON.parse(await read('/.well-known/openid-configuration'));
    expect(found).toMatchObject({ issuer: server.url, jwks_uri: `${server.url}/jwks.json` });
    expect(found.id_token_signing_alg_values_supported).toEqual(['RS256']);
    const { keys: shown } = JSON.parse(await read('/jwks.json')) as JSONWebKeySet;
    expect(shown.map((key) => Object.keys(key).sort())).toEqual([['alg', 'e', 'kid', 'kty', 'n', 'use']]);
  });

  it('gives tokens to staff and students that hold for eight hours', async () => {
    const { payload } = await check(await read('/token/eva'));
    expect(payload).toMatchObject({ sub: eva, aud: AUDIENCE, preferred_username: 'eva' });
    expect((payload.exp ?? 0) - (payload.iat ?? 0)).toBe(8 * 60 * 60);
    expect((await check(await read('/token/student0'))).payload.sub).toBe(student(0).uid);
    expect((await check(await read('/token/student29'))).payload.sub).toBe(student(29).uid);
  });

  it.each(['nobody', 'student30', 'student', 'student-1'])('gives no token to %s', async (login) => {
    expect((await fetch(`${server.url}/token/${login}`)).status).toBe(404);
  });

  it.each<[string, Omit<TokenWish, 'sub'>]>([
    ['expired', { expiresInSeconds: -60 }],
    ['for somebody else', { aud: 'another' }],
    ['from another issuer', { iss: 'https://elsewhere.example' }],
    ['unsigned', { alg: 'none' }],
    ['signed with the public key as a secret', { alg: 'HS256' }],
    ['signed with a foreign key', { foreignKey: true }],
  ])('makes a token that is %s and does not hold', async (_what, wish) => {
    await expect(check(await provider.makeToken({ sub: eva, ...wish }))).rejects.toThrow(/.+/);
    await expect(check(await provider.makeToken({ sub: eva }))).resolves.toBeDefined();
  });

  it('shows the true key id on a token signed with a foreign key', async () => {
    const [good, foreign] = [await provider.makeToken({ sub: eva }), await provider.makeToken({ sub: eva, foreignKey: true })];
    expect(decodeProtectedHeader(foreign).kid).toBe(decodeProtectedHeader(good).kid);
  });

  it('keeps its key over a restart, readable by its owner only', async () => {
    const token = await read('/token/eva');
    await server.close();
    server = await identityProviderSimulator({ folder, issuer: server.url }).listen();
    const again = createLocalJWKSet(JSON.parse(await read('/jwks.json')) as JSONWebKeySet);
    await expect(jwtVerify(token, again)).resolves.toBeDefined();
    expect(statSync(join(folder, 'identity-provider.key.json')).mode & 0o077).toBe(0);
  });

  it('has a fixed issuer where one is asked for', async () => {
    const fixed = identityProviderSimulator({ issuer: 'https://login.bth.example' });
    const { url, close } = await fixed.listen();
    const set = createLocalJWKSet((await (await fetch(`${url}/jwks.json`)).json()) as JSONWebKeySet);
    const token = await fixed.makeToken({ sub: eva });
    await expect(jwtVerify(token, set, { issuer: 'https://login.bth.example' })).resolves.toBeDefined();
    await close();
  });

  it('lists everybody with their roles and a command', async () => {
    const page = await read('/');
    expect(page).toContain('examiner (XX1000)');
    expect(page).toContain(`$(curl -s ${server.url}/token/eva)`);
    expect(page.match(/<tr>/g)).toHaveLength(1 + staff.length + exchangeStudents.length + 30);
  });
});
