import {
  fitting,
  isUnable,
  jsonIn,
  outbound,
  PartnerRefused,
  PartnerUnavailable,
  type Answer,
  type Outbound,
} from '../outbound.js';
import { changesFormOf, formOf, threeAnswers } from './forms.js';
import { NotSigned, signRequest, verifyAnswer, type OwnKey } from './http-signature.js';
import type { Institution, Institutions } from './institution.js';

/** A document above what is read (hardened-xml.ts) has to come in whole all the same: it is kept in quarantine as it came. */
const LARGEST_ANSWER = 16 * 1024 * 1024;

/**
 * The other institutions, asked after the manner of EWP: a form by POST, so that no number stands in an address, signed with our
 * key; an answer that is not signed by the institution's own key in the registry, over this very question, is none. The paths
 * below the registered address are invented (docs/partners.md).
 */
export function institutions({ key, timeoutMs }: { readonly key: OwnKey; readonly timeoutMs: number }): Institutions {
  const ways = new Map<string, Outbound>();
  const wayTo = ({ code, url }: Institution): Outbound => {
    const name = `${code} ${url}`;
    const way =
      ways.get(name) ?? outbound({ name: code, baseUrl: `${url.replace(/\/*$/, '')}/`, timeoutMs, largest: LARGEST_ANSWER });
    ways.set(name, way);
    return way;
  };

  async function post(
    institution: Institution,
    {
      path,
      form,
      requestId,
      accept,
      off,
    }: { path: string; form: URLSearchParams; requestId: string; accept: string; off: AbortSignal | undefined },
  ): Promise<Answer> {
    const { code } = institution;
    const [body, url] = [form.toString(), new URL(`${institution.url.replace(/\/*$/, '')}/${path}`)];
    const { headers, signature } = signRequest({ key, method: 'POST', url, body, requestId, at: new Date() });
    const answer = await wayTo(institution).send(path, {
      method: 'POST',
      body,
      ...(off && { signal: off }),
      headers: { ...headers, 'Content-Type': 'application/x-www-form-urlencoded', Accept: accept },
    });
    if (isUnable(answer.status)) throw new PartnerUnavailable(code, 'status', answer.status);
    if (answer.status >= 400) throw new PartnerRefused(code, answer.status, answer.text);
    try {
      verifyAnswer({
        headers: answer.headers,
        body: answer.bytes,
        keys: institution.keys,
        requestId,
        requestSignature: signature,
        at: new Date(),
      });
    } catch (cause) {
      throw cause instanceof NotSigned ? new PartnerUnavailable(code, 'malformed', answer.status) : cause;
    }
    return answer;
  }

  return {
    async ask(institution, question, off) {
      const answer = await post(institution, {
        path: 'status',
        form: formOf(question),
        requestId: question.id,
        accept: 'application/json',
        off,
      });
      return fitting(institution.code, threeAnswers, jsonIn(answer.text), answer.status);
    },
    async fetch(institution, question, off) {
      const answer = await post(institution, {
        path: 'results',
        form: formOf(question),
        requestId: question.id,
        accept: 'application/xml',
        off,
      });
      return { document: answer.bytes };
    },
    async tell(institution, notice, off) {
      await post(institution, {
        path: 'changes',
        form: changesFormOf(notice),
        requestId: notice.id,
        accept: 'application/json',
        off,
      });
    },
    close: async () => void (await Promise.all([...ways.values()].map((way) => way.close()))),
  };
}
