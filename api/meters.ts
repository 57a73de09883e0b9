import { Counter, Gauge, Histogram, Registry, collectDefaultMetrics } from 'prom-client';
import type { Database } from '../prisma/client.js';

/** What operations measure of the API: labels are methods, statuses and states, never ids or people. */
export interface Meters {
  request(seen: { method: string; status: number; seconds: number }): void;
  /** A sign-in that could not be checked. */
  signInAway(): void;
  text(): Promise<string>;
}

/** Counts requests and tells what waits: the metrics of the API. */
export function createMeters(db: Database): Meters {
  const registry = new Registry();
  collectDefaultMetrics({ register: registry, prefix: 'registrar_' });
  const requests = new Counter({
    name: 'registrar_requests_total',
    help: 'Answered requests',
    labelNames: ['method', 'status'],
    registers: [registry],
  });
  const seconds = new Histogram({
    name: 'registrar_request_seconds',
    help: 'Time to the answer',
    labelNames: ['method'],
    buckets: [0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1, 2.5, 10],
    registers: [registry],
  });
  const unchecked = new Counter({
    name: 'registrar_sign_in_away_total',
    help: 'Requests whose sign-in could not be checked, because the keys of the issuer could not be had',
    registers: [registry],
  });
  new Gauge({
    name: 'registrar_cases',
    help: 'Cases by kind and state',
    labelNames: ['kind', 'state'],
    registers: [registry],
    async collect() {
      this.reset();
      for (const row of await db.case.groupBy({ by: ['kind', 'state'], _count: true }))
        this.set({ kind: row.kind, state: row.state }, row._count);
    },
  });
  new Gauge({
    name: 'registrar_outbox',
    help: 'Promises to the world by channel and state',
    labelNames: ['channel', 'state'],
    registers: [registry],
    async collect() {
      this.reset();
      // The state stands in the text, or PostgreSQL would not see that an index holds these few and none of what is done.
      for (const row of await db.$queryRaw<{ channel: string; state: string; count: number }[]>`
        SELECT channel, state, count(*)::int AS count FROM outbox WHERE state <> 'done' GROUP BY channel, state`)
        this.set({ channel: row.channel, state: row.state }, row.count);
    },
  });
  new Gauge({
    name: 'registrar_partner_up',
    help: 'Whether an outside system answers',
    labelNames: ['partner'],
    registers: [registry],
    async collect() {
      this.reset();
      for (const row of await db.partnerHealth.findMany()) this.set({ partner: row.partner }, row.up ? 1 : 0);
    },
  });
  return {
    request: ({ method, status, seconds: took }) => {
      requests.inc({ method, status });
      seconds.observe({ method }, took);
    },
    signInAway: () => unchecked.inc(),
    text: () => registry.metrics(),
  };
}
