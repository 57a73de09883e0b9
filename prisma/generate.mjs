#!/usr/bin/env node
/**
 * Writes the Prisma client to `prisma/generated` when it is missing or older than the schema. Runs after every install, so it
 * does nothing when there is nothing to do. `--force` writes it anyway.
 */
import { execFileSync } from 'node:child_process';
import { createHash } from 'node:crypto';
import { existsSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { createRequire } from 'node:module';
import path from 'node:path';
import { fileURLToPath } from 'node:url';

const root = path.resolve(path.dirname(fileURLToPath(import.meta.url)), '..');
const schema = path.join(root, 'prisma', 'schema.prisma');
const stamp = path.join(root, 'prisma', 'generated', '.schema-hash');
const prismaPackage = createRequire(import.meta.url).resolve('prisma/package.json');
const { version, bin } = JSON.parse(readFileSync(prismaPackage, 'utf8'));

if (!existsSync(schema)) {
  console.error('prisma/schema.prisma is not there: no client is generated.');
  process.exit(process.argv.includes('--force') ? 1 : 0);
}

const hash = createHash('sha256').update(version).update('\0').update(readFileSync(schema)).digest('hex');
if (!process.argv.includes('--force') && existsSync(stamp) && readFileSync(stamp, 'utf8').trim() === hash) process.exit(0);

rmSync(stamp, { force: true });
try {
  execFileSync(process.execPath, [path.join(path.dirname(prismaPackage), bin.prisma), 'generate', '--schema', schema], {
    cwd: root,
    stdio: ['ignore', 'pipe', 'pipe'],
    encoding: 'utf8',
    // Generating needs no schema engine; without this Prisma would download one. Any executable does.
    env: {
      ...process.env,
      PRISMA_SCHEMA_ENGINE_BINARY: process.execPath,
      PRISMA_HIDE_UPDATE_MESSAGE: '1',
      CHECKPOINT_DISABLE: '1',
    },
  });
} catch (cause) {
  console.error(`The Prisma client could not be generated.\n${cause.stdout ?? ''}${cause.stderr ?? cause.message}`);
  process.exit(1);
}
writeFileSync(stamp, `${hash}\n`);
console.log('Prisma client written to prisma/generated.');
