import pino, { type Logger } from 'pino';

export type { Logger };

/** Lines of JSON with request and workflow ids, never with names, numbers, addresses, grades or texts of people. */
export const createLogger = (input: { level: string; name: string; file?: string }): Logger =>
  pino(
    {
      name: input.name,
      level: input.level,
      base: { app: input.name },
      timestamp: pino.stdTimeFunctions.isoTime,
      redact: ['headers.authorization', '*.personNumber', '*.mobile', '*.email'],
    },
    input.file ? pino.destination({ dest: input.file, mkdir: true }) : pino.destination(1),
  );
