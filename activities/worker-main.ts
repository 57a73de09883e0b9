import { ConfigProblem } from './config.js';
import { runWorker } from './worker-process.js';

runWorker().catch((cause: unknown) => {
  console.error(cause instanceof ConfigProblem ? cause.message : cause);
  process.exit(1);
});
