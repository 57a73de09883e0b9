import { payloadKeys, type PayloadKeys } from '../../activities/codec.js';

/**
 * The key of recorded histories. It is no secret: it lies beside them, so that they can be decoded, and what they hold is about
 * nobody.
 */
export const recordingKey = `recording:${Buffer.from('known to all: key of recordings.').toString('base64')}`;

/** The key as the codec takes it. */
export const recordingKeys: PayloadKeys = payloadKeys(recordingKey);
