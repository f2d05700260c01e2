import config from '../jest.config.js';

/** Tests of what runs in their own process: code that is changed in memory is seen by no other. */
const FOLDERS = [
  'ceod',
  'conformance',
  'directory',
  'fuzz',
  'gssapi',
  'process',
  'protocol',
  'wire',
];

/** Its programs run as users who cannot enter the copy of the checkout. */
const LEFT_OUT = ['/users-folders\\.test\\.ts$'];

export default {
  ...config,
  rootDir: '..',
  testPathIgnorePatterns: LEFT_OUT,
  testMatch: FOLDERS.map((folder) => `<rootDir>/test/${folder}/**/*.test.ts`),
};
