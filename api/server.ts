import { createServer } from 'node:http';
import { serve } from '@hono/node-server';
import { createCodec } from '../activities/codec.js';
import { workflowBundle } from '../activities/bundle.js';
import { ConfigProblem, readConfig } from '../activities/config.js';
import { openWorld } from '../activities/index.js';
import { createLogger } from '../activities/logger.js';
import { createApi } from './app.js';
import { createMeters } from './meters.js';
import { tokenVerifier } from './sign-in.js';
import { version } from './version.js';

/**
 * The API as a process of its own: everything it needs is in the environment. Ends on SIGTERM when open requests are answered: a
 * step that was accepted with 202, one that was not yet within the eight seconds in which it is accepted or refused.
 */
async function main(): Promise<void> {
  const config = readConfig();
  const logger = createLogger({ level: config.LOG_LEVEL, name: 'api' });
  const world = await openWorld({ config, name: 'registrar-api', connections: 20 });
  const meters = createMeters(world.db);
  const verify = tokenVerifier({ issuer: config.OIDC_ISSUER, audience: config.OIDC_AUDIENCE, keys: config.OIDC_JWKS_URL });
  const { buildId } = await workflowBundle({ progress: (line) => logger.info(line) });
  const closing = new AbortController();
  const app = createApi({
    closing: closing.signal,
    world,
    verify,
    logger,
    meters,
    version: { version, buildId: config.BUILD_ID ?? buildId },
    codec: {
      codec: createCodec(config.payloadKeys),
      uiOrigin: process.env['TEMPORAL_UI_ORIGIN'] ?? 'http://127.0.0.1:8233',
      ...(process.env['CODEC_SECRET'] ? { secret: process.env['CODEC_SECRET'] } : {}),
    },
  });
  const server = serve({ fetch: app.fetch, hostname: config.API_HOST, port: config.API_PORT }, () =>
    logger.info({ port: config.API_PORT }, 'the API listens'),
  );
  const measuring = config.METRICS_PORT
    ? createServer(
        (_request, response) =>
          void meters.text().then(
            (text) => response.setHeader('Content-Type', 'text/plain; version=0.0.4').end(text),
            () => response.writeHead(503).end(),
          ),
      ).listen(config.METRICS_PORT, config.API_HOST)
    : undefined;
  const stop = () => {
    closing.abort();
    measuring?.close();
    server.close(() => void world.close().then(() => process.exit(0)));
    setTimeout(() => process.exit(0), 10_000).unref();
  };
  process.once('SIGTERM', stop);
  process.once('SIGINT', stop);
}

main().catch((cause: unknown) => {
  console.error(cause instanceof ConfigProblem ? cause.message : cause);
  process.exit(1);
});
