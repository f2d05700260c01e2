/** @type {import('jest').Config} */
export default {
  testMatch: ['<rootDir>/test/**/*.test.{ts,tsx}'],
  transform: {
    '^.+\\.tsx?$': [
      '@swc/jest',
      {
        jsc: {
          parser: { syntax: 'typescript', tsx: true },
          target: 'es2022',
          transform: { react: { runtime: 'automatic' } },
        },
        // The set-up files become CommonJS; ignoreDynamic keeps their import() of ES modules.
        module: { type: 'es6', ignoreDynamic: true },
      },
    ],
  },
  extensionsToTreatAsEsm: ['.ts', '.tsx'],
  // Imports name the emitted .js file; tests load the .ts source beside it.
  moduleNameMapper: { '^(\\.{1,2}/.*)\\.js$': '$1' },
  globalSetup: '<rootDir>/test/setup/start.ts',
  globalTeardown: '<rootDir>/test/setup/stop.ts',
  testTimeout: 60_000,
};
