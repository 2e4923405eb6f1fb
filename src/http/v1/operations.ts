import { auditOperations } from './audit.js';
import { credentialsOperations } from './credentials.js';
import { erasuresOperations } from './erasures.js';
import { exportsOperations } from './exports.js';
import { keysOperations } from './keys.js';
import { memoriesOperations } from './memories.js';
import { memoryOperations } from './memory.js';
import type { Operations } from './operation.js';
import { policyOperations } from './policy.js';
import { searchOperations } from './search.js';
import { sharingOperations } from './sharing.js';
import { spaceMemoriesOperations } from './space-memories.js';
import { spaceMemoryOperations } from './space-memory.js';
import { spacesOperations } from './spaces.js';
import { usersOperations } from './users.js';

const ALL: readonly Operations[] = [
  memoriesOperations,
  searchOperations,
  memoryOperations,
  spacesOperations,
  spaceMemoriesOperations,
  spaceMemoryOperations,
  sharingOperations,
  usersOperations,
  exportsOperations,
  erasuresOperations,
  auditOperations,
  policyOperations,
  keysOperations,
  credentialsOperations,
];

/** Adds every operation of the HTTP API to an instance. */
export const addOperations: Operations = (app, parts) => {
  // Answers are what the guard released; their schemas describe them, and tests hold the two together.
  app.setSerializerCompiler(() => (answer) => JSON.stringify(answer));
  for (const add of ALL) add(app, parts);
};
