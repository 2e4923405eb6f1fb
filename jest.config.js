const swc = {
  jsc: { target: 'es2022', parser: { syntax: 'typescript', decorators: false } },
  module: { type: 'es6' },
};

// Jest loads the global setup and what it imports with `require`, past moduleNameMapper, so there the transform itself
// has to turn `./name.js` into the `./name.ts` that stands beside it.
const swcForSupport = {
  jsc: { ...swc.jsc, baseUrl: import.meta.dirname },
  module: { ...swc.module, resolveFully: true, outFileExtension: 'ts' },
};

/** @type {import('jest').Config} */
export default {
  testEnvironment: 'node',
  testMatch: ['<rootDir>/test/**/*.test.ts'],
  // The first pattern that matches a file wins.
  transform: { '/test/support/.+\\.ts$': ['@swc/jest', swcForSupport], '\\.ts$': ['@swc/jest', swc] },
  extensionsToTreatAsEsm: ['.ts'],
  moduleNameMapper: { '^(\\.{1,2}/.*)\\.js$': '$1' },
  setupFiles: ['<rootDir>/test/support/fresh-lmdb.ts'],
  globalSetup: '<rootDir>/test/support/global-setup.ts',
  globalTeardown: '<rootDir>/test/support/global-teardown.ts',
  injectGlobals: false,
  testTimeout: 60_000,
  maxWorkers: 2,
  collectCoverage: false,
};
