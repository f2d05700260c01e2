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

export default {
  ...config,
  rootDir: '..',
  testMatch: FOLDERS.map((folder) => `<rootDir>/test/${folder}/**/*.test.ts`),
};
