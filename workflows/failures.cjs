/**
 * Failure texts and stacks are encrypted like every payload. Loaded by path, in the sandbox and outside; CommonJS because the SDK
 * requires it.
 */
const { DefaultFailureConverter } = require('@temporalio/common');

exports.failureConverter = new DefaultFailureConverter({ encodeCommonAttributes: true });
