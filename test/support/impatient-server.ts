import { spawn } from 'node:child_process';
import { Connection } from '@temporalio/client';
import { freePorts } from './ports.js';
import { eventually } from './university.js';

/** A Temporal server of a test's own that asks workflows to continue as new after so many events. */
export async function impatientServer(input: { events: number }): Promise<{ address: string; stop(): Promise<void> }> {
  const address = `127.0.0.1:${await freePorts(1)}`;
  const flags = [
    `limit.historyCount.suggestContinueAsNew=${input.events}`,
    'system.enableActivityEagerExecution=true',
    'system.forceSearchAttributesCacheRefreshOnRead=true',
  ];
  const server = spawn(
    process.env['TEST_TEMPORAL_BINARY'] as string,
    [
      'server',
      'start-dev',
      '--ip',
      '127.0.0.1',
      '--port',
      address.split(':')[1] as string,
      '--headless',
      '--log-level',
      'error',
      ...flags.flatMap((flag) => ['--dynamic-config-value', flag]),
    ],
    { stdio: 'ignore' },
  );
  const ended = new Promise<void>((resolve) => server.once('exit', () => resolve()));
  const stop = async () => {
    server.kill('SIGTERM');
    await ended;
  };
  const answers = async () => {
    const connection = await Connection.connect({ address, connectTimeout: 1_000 }).catch(() => undefined);
    if (!connection) return false;
    const up = await connection.workflowService.getSystemInfo({}).then(
      () => true,
      () => false,
    );
    await connection.close();
    return up;
  };
  await eventually('the impatient server answers', answers).catch(async (cause: unknown) => {
    await stop();
    throw cause;
  });
  return { address, stop };
}
