import type { Use } from './use.js';

// What each call asks of the policies whatever it is about, so that it is refused before anything is looked up (S9).
export const READS: readonly Use[] = [{ action: 'read' }];
export const CREATES: readonly Use[] = [{ action: 'create' }];
export const UPDATES: readonly Use[] = [...READS, { action: 'update' }];
export const DELETES: readonly Use[] = [...READS, { action: 'delete' }];
export const EXPLAINS_RECORD: readonly Use[] = [{ action: 'explain' }];
export const EXPLAINS: readonly Use[] = [...READS, ...EXPLAINS_RECORD];
export const EXPORTS: readonly Use[] = [...READS, { action: 'export' }];
