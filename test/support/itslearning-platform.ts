import { afterEach } from '../spec.js';
import { itslearning, type Itslearning } from '../../activities/itslearning.js';
import { student } from '../simulators/sample.js';

export const ROOM = 'XX1000-50001';
export const EXAM = 9;
/** Where the simulated platform answers, by service. */
export const ORGANISATION = '/ContentImport/ReadDataService.svc';
export const MEMBERSHIPS = '/WCFServiceLibrary/MembershipManagementServiceSync.svc';
export const PERSONS = '/WCFServiceLibrary/PersonManagementServiceSync.svc';
/** Ladok's key of a sample student. */
export const uid = (index: number): string => student(index).uid;

/**
 * For a file of tests: what one test opens is closed after it, the last first. Called by each file, for the files of one worker
 * share their modules.
 */
export function platforms() {
  const open: (() => Promise<unknown>)[] = [];
  afterEach(async () => {
    for (const close of open.splice(0).reverse()) await close();
  });
  /** The adapter for a platform at an address. */
  const platformAt = (url: string, more: { password?: string; timeoutMs?: number; wholeMs?: number } = {}): Itslearning => {
    const { password = 'right', timeoutMs = 5_000, wholeMs } = more;
    const client = itslearning({
      organisation: { baseUrl: `${url}/ContentImport`, user: 'partner-site', password },
      enterprise: { baseUrl: `${url}/WCFServiceLibrary/`, user: 'partner-site', password },
      timeoutMs,
      wholeMs,
    });
    open.push(client.close);
    return client;
  };
  return { open, platformAt };
}
