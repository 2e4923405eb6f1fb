import type { Stored } from './record-mac.js';

const MOMENT = new Date(0);
const ID = '00000000-0000-7000-8000-000000000000';

/** What a look at a memory brings, with a seal that is right under no key. */
export const DECOY: Stored = {
  id: ID,
  tenant: 'default',
  user_id: 'nobody',
  sensitivity: 'sensitive',
  category: 'general',
  occurred_at: MOMENT,
  created_at: MOMENT,
  updated_at: MOMENT,
  version: 1,
  key_id: '00'.repeat(16),
  // Format version, the bit of the content, its digest, the MAC.
  seal: Buffer.concat([Buffer.from([1, 1]), Buffer.alloc(32), Buffer.alloc(32)]),
};
