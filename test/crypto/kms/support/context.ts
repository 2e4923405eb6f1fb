import type { KeyContext } from '../../../../src/model/kms.js';

export const ALICE: KeyContext = {
  tenant: 'default',
  userId: 'alice@example.com',
  keyId: '4f0c1ba2-7d5e-4b8e-9a51-3c7c0f5a2d11',
  purpose: 'data',
};
