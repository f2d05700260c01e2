/** Promise: `npm run release` refuses what is no release, and shares one version. */
import { execFileSync, spawnSync } from 'node:child_process';
import { cpSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import os from 'node:os';
import path from 'node:path';
import { afterEach, beforeEach, expect, test } from '@jest/globals';

const root = path.resolve(import.meta.dirname, '../..');
let copy: string;

/** A project with this changelog, whose `npm test` does what is said. */
function project(changelog: string, testing = 'true'): void {
  const scripts = { test: testing, freeze: 'true' };
  writeFileSync(
    path.join(copy, 'package.json'),
    JSON.stringify({ name: 'ceo', version: '1.0.0', scripts }),
  );
  writeFileSync(path.join(copy, 'CHANGELOG.md'), changelog);
  cpSync(path.join(root, 'scripts/release'), path.join(copy, 'scripts/release'));
  git('init', '--quiet');
  git('add', '--all');
  git('commit', '--quiet', '--message', 'Begin');
}

const identity = ['-c', 'user.name=Test', '-c', 'user.email=test@example.org'];
const git = (...args: string[]) =>
  execFileSync('git', [...identity, ...args], { cwd: copy, encoding: 'utf8' });
const names = { GIT_AUTHOR_NAME: 'Test', GIT_AUTHOR_EMAIL: 'test@example.org' };
const committer = { GIT_COMMITTER_NAME: 'Test', GIT_COMMITTER_EMAIL: 'test@example.org' };
const release = (...args: string[]) =>
  spawnSync(path.join(copy, 'scripts/release'), args, {
    encoding: 'utf8',
    env: { ...process.env, ...names, ...committer },
  });

const CHANGED = '# Changelog\n\n## [Unreleased]\n\n### Added\n\n- Something.\n';

beforeEach(() => {
  copy = mkdtempSync(path.join(os.tmpdir(), 'ceo-release-'));
});
afterEach(() => rmSync(copy, { recursive: true }));

test('a release', () => {
  project(CHANGED);
  expect(release('1.1.0')).toMatchObject({ status: 0 });
  expect(readFileSync(path.join(copy, 'CHANGELOG.md'), 'utf8')).toMatch(
    /## \[Unreleased\]\n\n## \[1\.1\.0\] - \d{4}-\d\d-\d\d\n\n### Added/,
  );
  expect(readFileSync(path.join(copy, 'package.json'), 'utf8')).toContain('"version":"1.1.0"');
  expect(git('describe')).toBe('v1.1.0\n');
  expect(git('status', '--porcelain')).toBe('');
  expect(release('1.1.0')).toMatchObject({ status: 1 });
});

test.each([
  ['no version', CHANGED, 'next', 'Give a version'],
  ['a lower one', CHANGED, '0.9.0', 'The present version is 1.0.0'],
  ['nothing to tell', '## [Unreleased]\n', '1.1.0', 'nothing under [Unreleased]'],
])('%s is refused', (_what, changelog, version, why) => {
  project(changelog);
  const { status, stderr } = release(version);
  expect(status).toBe(1);
  expect(stderr).toContain(why);
});

test('nothing is made if a test fails, or with changes that are not committed', () => {
  project(CHANGED, 'false');
  expect(release('1.1.0').status).not.toBe(0);
  writeFileSync(path.join(copy, 'CHANGELOG.md'), `${CHANGED}- More.\n`);
  expect(release('1.1.0').stderr).toContain('not committed');
  expect(git('tag')).toBe('');
});
