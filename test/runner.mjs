import LightRunner from 'jest-light-runner/child-process';

/**
 * `jest-light-runner` with one mend (version 0.7.13): its processes ask for their settings over a channel that all of them share,
 * whose first answer goes to every one of them, listening or not. One that was not yet never hears, and the run never ends. Here
 * each has a channel of its own.
 */
export default class extends LightRunner {
  _runTest(test) {
    const { config } = test.context;
    const first = !this._testRunners.has(config);
    const running = first ? super._runTest(test) : this._testRunners.get(config).run(test);
    if (first) {
      const made = this._testRunners.get(config);
      const settings = {
        type: 'jest-light-runner-worker-data',
        workerData: { globalConfig: this._globalConfig, projectConfig: config, runtime: this._runtime },
      };
      if (this._runtime === 'child_process') made.run = ({ path }) => made.pool.run(path, { channel: answering(settings) });
    }
    return running;
  }
}

/** A channel that answers whoever asks for the settings. */
function answering(settings) {
  const listeners = new Set();
  return {
    onMessage: (listener) => listeners.add(listener),
    postMessage: (message) => {
      if (message === 'jest-light-runner-get-worker-data') for (const listener of listeners) listener(settings);
    },
  };
}
