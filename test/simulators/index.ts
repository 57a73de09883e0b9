import { bankIdSimulator } from './bankid.js';
import { elksSimulator } from './elks.js';
import { exchangeRegistrySimulator } from './exchange-registry.js';
import { fsSimulator } from './fs.js';
import { identityProviderSimulator } from './identity-provider.js';
import { institutionSimulators } from './institutions.js';
import { itslearningSimulator } from './itslearning.js';
import { ladokSimulator } from './ladok.js';
import { mailboxSimulator } from './mailbox.js';
import { noarkSimulator } from './noark.js';
import { registrySystemSimulator } from './registry-system.js';
import { staffRegisterSimulator } from './staff-register.js';
import { studentPortalSimulator } from './student-portal.js';

/**
 * The ports of the simulated world; `smtp` is where mail is posted, `mailbox` where it is read. The fifty institutions of the
 * exchange come besides.
 */
export const portNames = [
  'ladok',
  'bankId',
  'elks',
  'smtp',
  'mailbox',
  'staffRegister',
  'studentPortal',
  'registrySystem',
  'identityProvider',
  'itslearning',
  'fs',
  'archive',
  'exchangeRegistry',
] as const;
export type PortName = (typeof portNames)[number];

export interface SimulatorUrls extends Record<Exclude<PortName, 'smtp'>, string> {
  readonly smtp: { readonly host: string; readonly port: number };
  /** The institutions of the exchange by SCHAC code: where their admin calls are. */
  readonly institutions: Readonly<Record<string, string>>;
}

/**
 * Starts all outside systems. With `folder` their stores, logs and keys are kept there and outlive the process; `ports` not named
 * are chosen by the system. When one does not start, those already started are closed. `apiUrl` is the address that the identity
 * provider shows in its commands; `bankId.minCollectMs` is how often BankID may be asked.
 */
export async function startSimulators({
  folder,
  ports = {},
  firstInstitution,
  apiUrl,
  bankId = {},
}: {
  readonly folder?: string;
  readonly ports?: Partial<Record<PortName, number>>;
  readonly apiUrl?: string;
  /** The port of the first of the fifty institutions. */
  readonly firstInstitution?: number;
  readonly bankId?: { readonly minCollectMs?: number };
} = {}) {
  const exchangeRegistry = exchangeRegistrySimulator({ folder });
  const simulators = {
    ladok: ladokSimulator({ folder }),
    bankId: bankIdSimulator({ folder, ...bankId }),
    elks: elksSimulator({ folder }),
    mailbox: mailboxSimulator({ folder, smtpPort: ports.smtp, httpPort: ports.mailbox }),
    staffRegister: staffRegisterSimulator({ folder }),
    studentPortal: studentPortalSimulator({ folder }),
    registrySystem: registrySystemSimulator({ folder }),
    identityProvider: identityProviderSimulator({ folder, apiUrl }),
    itslearning: itslearningSimulator({ folder }),
    fs: fsSimulator({ folder }),
    archive: noarkSimulator({ folder }),
    exchangeRegistry,
    institutions: institutionSimulators({ folder, registry: exchangeRegistry }),
  };
  const started: { close(): Promise<void> }[] = [];
  const close = async () => void (await Promise.all(started.splice(0).map((server) => server.close())));
  const begun = async <T extends { close(): Promise<void> }>(starting: Promise<T>): Promise<T> => {
    const server = await starting;
    started.push(server);
    return server;
  };

  try {
    const mailbox = await begun(simulators.mailbox.listen());
    const urls: SimulatorUrls = {
      ladok: (await begun(simulators.ladok.listen(ports.ladok))).url,
      bankId: (await begun(simulators.bankId.listen(ports.bankId))).url,
      elks: (await begun(simulators.elks.listen(ports.elks))).url,
      smtp: mailbox.smtp,
      mailbox: mailbox.url,
      staffRegister: (await begun(simulators.staffRegister.listen(ports.staffRegister))).url,
      studentPortal: (await begun(simulators.studentPortal.listen(ports.studentPortal))).url,
      registrySystem: (await begun(simulators.registrySystem.listen(ports.registrySystem))).url,
      identityProvider: (await begun(simulators.identityProvider.listen(ports.identityProvider))).url,
      itslearning: (await begun(simulators.itslearning.listen(ports.itslearning))).url,
      fs: (await begun(simulators.fs.listen(ports.fs))).url,
      archive: (await begun(simulators.archive.listen(ports.archive))).url,
      exchangeRegistry: (await begun(simulators.exchangeRegistry.listen(ports.exchangeRegistry))).url,
      institutions: (await begun(simulators.institutions.listen(firstInstitution))).urls,
    };
    return { urls, simulators, close };
  } catch (failure) {
    await close();
    throw failure;
  }
}
