import { XMLParser, XMLValidator } from 'fast-xml-parser';
import { z, type ZodType } from 'zod';
import { isBusy, outbound, PartnerRefused, PartnerUnavailable, type Answer } from '../outbound.js';
import { escaped, unescaped } from '../xml-text.js';

/** One of itslearning's services: an address that ends where the name of the `.svc` begins, and the credentials given for it. */
export interface SoapEndpoint {
  readonly baseUrl: string;
  readonly user: string;
  readonly password: string;
}

/** One call: `body` and `header` are XML that brings its own namespaces. */
export interface SoapCall {
  readonly service: string;
  readonly action: string;
  readonly body: string;
  readonly header?: string;
}

/** Calls by SOAP 1.1. Throws `PartnerUnavailable` or `PartnerRefused`. */
export interface Soap {
  /**
   * Sends, and gives what is inside the answer's `Envelope`: elements as properties without their prefixes, texts as strings,
   * attributes left out; undefined for what is no envelope. Throws `PartnerUnavailable` (no answer, a proxy's 5xx, a fault of the
   * service's own) or `PartnerRefused` (401 for a fault about the credentials, 400 for another, a proxy's 4xx). Nothing is
   * repeated here.
   */
  call(call: SoapCall): Promise<unknown>;
  /** The answer as the schema has it; throws `PartnerUnavailable` (malformed) when it does not fit. */
  fitting<T>(schema: ZodType<T>, envelope: unknown): T;
  close(): Promise<void>;
}

const SECURITY = 'http://docs.oasis-open.org/wss/2004/01/oasis-200401-wss-wssecurity-secext-1.0.xsd';
const PLAIN_TEXT = 'http://docs.oasis-open.org/wss/2004/01/oasis-200401-wss-username-token-profile-1.0#PasswordText';

/** In characters: some two thousand persons. More than that would keep the process busy for seconds. */
const LARGEST_ANSWER = 4 * 1024 * 1024;
const DEEPEST = 32;

/** Elements that may stand several times: always an array. All others may stand once only. */
const several = new Set([
  'Course',
  'Item',
  'Assessment',
  'membershipIdPair',
  'role',
  'personIdPair',
  'partName',
  'statusInfo',
  'codeMinorField',
]);

const parser = new XMLParser({
  removeNSPrefix: true,
  ignoreAttributes: true,
  ignoreDeclaration: true,
  parseTagValue: false,
  processEntities: false,
  maxNestedTags: DEEPEST,
  isArray: (name) => several.has(name),
  tagValueProcessor: (_name, text) => unescaped(text),
});

const document = z.object({ Envelope: z.record(z.string(), z.unknown()) });
const faulty = z.object({ Body: z.object({ Fault: z.object({ faultcode: z.string() }) }) });

/** What is in the envelope, or undefined for anything that is none: another markup than elements and text is not looked at. */
function envelopeIn(text: string): Record<string, unknown> | undefined {
  const xml = text.replace(/^\uFEFF?(?:<\?xml [^<>?]*\?>)?/, '');
  if (xml.length > LARGEST_ANSWER || /<[!?]/.test(xml) || xml.includes('\0')) return undefined;
  // Deprecated in favour of another package; the parser alone takes text that is not well-formed.
  // oxlint-disable-next-line typescript/no-deprecated
  if (XMLValidator.validate(xml) !== true) return undefined;
  try {
    return document.parse(parser.parse(xml)).Envelope;
  } catch {
    return undefined;
  }
}

/** Whether a fault is the service's own, so that the same question may be answered next time. */
const isOwn = (code: string) => /^(Server\b|InternalServiceFault|ServerTooBusy)/.test(code);
const isAboutCredentials = (code: string) => /Security|Authenticat|Authoriz|AccessDenied|FailedCheck/i.test(code);

/** SOAP 1.1 with a WS-Security UsernameToken. The password goes in plain text: only over TLS. */
export function soap(partner: SoapEndpoint & { readonly name: string; readonly timeoutMs: number }): Soap {
  const { name, timeoutMs } = partner;
  const out = outbound({ name, baseUrl: partner.baseUrl.replace(/\/*$/, '/'), timeoutMs });
  const token =
    `<o:Security xmlns:o="${SECURITY}" s:mustUnderstand="1"><o:UsernameToken><o:Username>${escaped(partner.user)}</o:Username>` +
    `<o:Password Type="${PLAIN_TEXT}">${escaped(partner.password)}</o:Password></o:UsernameToken></o:Security>`;

  function judged({ status, text }: Answer): Record<string, unknown> | undefined {
    if (isBusy(status)) throw new PartnerUnavailable(name, 'status', status);
    if (status >= 400 && status < 500) throw new PartnerRefused(name, status, text);
    const envelope = envelopeIn(text);
    const fault = faulty.safeParse(envelope);
    if (fault.success) {
      const code = fault.data.Body.Fault.faultcode.replace(/^.*:/, '');
      if (isOwn(code)) throw new PartnerUnavailable(name, 'status', status);
      throw new PartnerRefused(name, isAboutCredentials(code) ? 401 : 400, text);
    }
    if (status >= 500) throw new PartnerUnavailable(name, 'status', status);
    return envelope;
  }

  return {
    call: async ({ service, action, body, header = '' }) =>
      judged(
        await out.send(service, {
          method: 'POST',
          headers: { 'Content-Type': 'text/xml; charset="utf-8"', Accept: 'text/xml', SOAPAction: `"${action}"` },
          body:
            `<?xml version="1.0" encoding="utf-8"?><s:Envelope xmlns:s="http://schemas.xmlsoap.org/soap/envelope/">` +
            `<s:Header>${header}${token}</s:Header><s:Body>${body}</s:Body></s:Envelope>`,
        }),
      ),
    fitting: (schema, envelope) => {
      const fit = schema.safeParse(envelope);
      if (!fit.success) throw new PartnerUnavailable(name, 'malformed');
      return fit.data;
    },
    close: out.close,
  };
}
