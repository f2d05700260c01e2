/** Promise: a server or a client that breaks a rule of docs/protocol.md is told from one that keeps it. */
import { writeFile } from 'node:fs/promises';
import path from 'node:path';
import { afterAll, beforeAll, describe, expect, test } from '@jest/globals';
import { clientCases } from '../../conformance/client.js';
import { serverCases } from '../../conformance/server.js';
import { checkout } from '../../sandbox/checkout.js';
import { ownHost } from '../support/ownCeod.js';
import { ccache, folder, ginseng, run, variable } from '../support/realm.js';

const keytab = path.join(folder, 'keytabs', 'ceod.keytab');
/** Of a principal with two components. */
const stranger = `FILE:${path.join(folder, 'ccaches', 'stranger')}`;
beforeAll(async () => {
  const kinit = await run(['kinit', '-c', stranger, '-k', '-t', keytab, `ceod/${ginseng}`]);
  expect(kinit).toMatchObject({ status: 0, stderr: '' });
});

interface Told {
  readonly status: number | null;
  /** By the number. */
  readonly outcomes: Readonly<Record<string, string>>;
  /** Why, for all that is not kept. */
  readonly why: readonly string[];
}

async function conformance(args: readonly string[], env: Record<string, string> = {}) {
  const main = path.join(checkout, 'conformance', 'main.ts');
  const { status, stdout, stderr } = await run(
    [process.execPath, '--import', 'tsx', main, ...args],
    { env: { KRB5CCNAME: ccache('ctdalek'), ...env } },
  );
  expect(stderr).toBe('');
  const rows = stdout.match(/^[A-Z]\d+ .*$/gm) ?? [];
  const outcomes = rows.map((row) => /^(\w+) +(kept|broken|not tried) /.exec(row) ?? []);
  return {
    status,
    outcomes: Object.fromEntries(outcomes.map(([, number, outcome]) => [number, outcome])),
    why: stdout.match(/^ .*$/gm) ?? [],
  } as Told;
}

const allKept = (cases: readonly { number: string }[]): Told => ({
  status: 0,
  outcomes: Object.fromEntries(cases.map(({ number }) => [number, 'kept'])),
  why: [],
});

describe('a server', () => {
  test('ceod keeps every rule', async () => {
    const [address = '', port = ''] = variable('CEOD_GINSENG').split(':');
    const at = ['--server', `${ginseng}:${port}`, '--address', address];
    expect(await conformance([...at, '--stranger', stranger])).toEqual(allKept(serverCases));
  });
});

describe('a client', () => {
  test('ceoc keeps every rule', async () => {
    const host = await ownHost('connect_timeout = 30\nreply_timeout = 30');
    await writeFile(path.join(host.dir, 'ops', 'mailman'), `${ginseng} mailman list 0x04\n`);
    const [address = '', port = ''] = host.target.split(':');
    const at = ['--host', ginseng, '--address', address, '--port', port, '--keytab', keytab];
    expect(await conformance(['--client', 'ceoc', '--json', ...at], host.env)).toEqual(
      allKept(clientCases),
    );
  });
});
