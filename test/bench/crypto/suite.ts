import type { Suite } from '../suite.js';
import { guarded } from './guarded.js';
import { kms } from './kms.js';
import { seal } from './seal.js';

/** What encryption costs, part by part. */
export const crypto: Suite = async (figures, options) => {
  for (const part of [seal, kms, guarded]) await part(figures, options);
};
