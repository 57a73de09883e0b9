/**
 * The registry: one line a process. Routes, rights, OpenAPI, handlers, the workflow bundle's entry and the checks are derived
 * from it. Never imported by workflow code: the schemas bring zod along.
 */
export * as approval from './approval/index.js';
export * as complaint from './complaint/index.js';
export * as exchange from './exchange/index.js';
export * as resultList from './result-list/index.js';
export * as delegation from './delegation/index.js';
export * as subscription from './subscription/index.js';
