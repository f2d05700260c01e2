/**
 * Promise: a client written from docs/protocol.md alone is served, and whatever
 * it does against the document closes its own connection and harms no one else.
 */
import { existsSync } from 'node:fs';
import { readFile, rm, stat } from 'node:fs/promises';
import path from 'node:path';
import { afterAll, afterEach, beforeAll, describe, expect, test } from '@jest/globals';
import { eventually } from '../support/eventually.js';
import {
  ccache,
  folder,
  homeOf,
  kadmin,
  ldapsearch,
  principalExists,
  run,
  tracesOf,
  variable,
} from '../support/realm.js';
import { PythonClient, pythonModules, removeModules, type Fields } from './pythonPeer.js';

const ADDUSER = 1;
const MAIL = 2;
const PASSWORD = 'correct-horse';
const HEADER = 2 * 8;
const ALL_FLAGS = ['mutual', 'replay', 'sequence', 'confidentiality', 'integrity'];

const target = variable('CEOD_GINSENG');
const username = (name: string): Fields => [['username', name]];
const finished = (name: string) => ({
  messages: [{ status: 0, message: `finished updating mail for ${name}` }],
});
const statuses = (response: Awaited<ReturnType<PythonClient['call']>>) =>
  response?.messages?.map(({ status }) => status);

/** There are statuses, and all are 0. */
function expectSuccess(response: Awaited<ReturnType<PythonClient['call']>>): void {
  expect([...new Set(statuses(response))]).toEqual([0]);
}

let modules: string;
beforeAll(async () => {
  modules = await pythonModules();
});
afterAll(() => removeModules(modules));

const clients: PythonClient[] = [];
afterEach(async () => {
  await Promise.all(clients.splice(0).map((client) => client.end()));
});

function connected(user = 'ctdalek'): Promise<PythonClient> {
  const client = new PythonClient(modules, target, { KRB5CCNAME: ccache(user) });
  clients.push(client);
  return client.connect();
}

async function authenticated(user?: string): Promise<PythonClient> {
  const client = await connected(user);
  expect(await client.authenticate()).toBe(true);
  return client;
}

/** The connection is closed without a reply, and another client is served. */
async function expectClosed(client: PythonClient): Promise<void> {
  expect(await client.receive()).toBeNull();
  await expectServed();
}

/** The same behind Kerberos' own error: TOK_ID 03 00 of RFC 4121 §4.1, and a KRB-ERROR. */
async function expectRefused(client: PythonClient): Promise<void> {
  const error = await client.receive();
  expect(error?.type).toBe(0x0800_0000);
  expect(error?.body).toMatch(/^60(..|81..|82....)06092a864886f71201020203007e/);
  await expectClosed(client);
}

async function expectServed(): Promise<void> {
  const good = await authenticated();
  expect(await good.call(MAIL, username('ctdalek'))).toEqual(finished('ctdalek'));
}

const member = (name: string): Fields => [
  ['type', 'MEMBER'],
  ['username', name],
  ['password', PASSWORD],
  ['realname', 'Zoë Ünlü 日本'],
  ['program', 'MATH Pure'],
  ['email', `${name}@example.com`],
];

async function expectMember(name: string): Promise<void> {
  const entry = await ldapsearch(`(uid=${name})`, 'cn', 'program', 'objectClass');
  expect(entry).toContain(`dn: uid=${name},ou=People,dc=csclub,dc=test\n`);
  expect(entry).toContain(`cn:: ${Buffer.from('Zoë Ünlü 日本').toString('base64')}\n`);
  expect(entry).toContain('program: MATH Pure\n');
  expect(await principalExists(name)).toBe(true);
  expect((await stat(homeOf(name))).isDirectory()).toBe(true);
  expect(await readFile(path.join(homeOf(name), '.forward'), 'utf8')).toBe(`${name}@example.com\n`);
}

describe('a request is executed', () => {
  test('adduser: entry, principal, home and .forward are there', async () => {
    const client = await authenticated();
    expectSuccess(await client.call(ADDUSER, member('pymem')));
    await expectMember('pymem');
  });

  test('mail: sets .forward; an absent forward changes nothing, an empty one removes it', async () => {
    const client = await authenticated();
    await client.call(ADDUSER, member('pymail'));
    const forward = path.join(homeOf('pymail'), '.forward');
    const mail = (...fields: Fields) => client.call(MAIL, [['username', 'pymail'], ...fields]);

    expectSuccess(await mail(['forward', 'elsewhere@example.com']));
    expect(await readFile(forward, 'utf8')).toBe('elsewhere@example.com\n');
    expect(await mail()).toEqual(finished('pymail'));
    expect(await readFile(forward, 'utf8')).toBe('elsewhere@example.com\n');
    expectSuccess(await mail(['forward', '']));
    expect(existsSync(forward)).toBe(false);
  });

  test('several on one connection, refused ones in between', async () => {
    const client = await authenticated();
    const adduser = (name: string) => client.call(ADDUSER, member(name));
    expectSuccess(await adduser('pyseveral'));
    expect(statuses(await adduser('pyseveral'))).toContain(17);
    expect(statuses(await client.call(MAIL, username('pynobody')))).toContain(2);
    expect(await client.call(MAIL, username('pyseveral'))).toEqual(finished('pyseveral'));
  });

  test('pipelined in one segment ahead of a half-close: in order, each after the one before', async () => {
    const client = await authenticated();
    const frames = [
      await client.op(ADDUSER, await client.encode(ADDUSER, member('pypipe'))),
      await client.op(MAIL, await client.encode(MAIL, username('pynobody'))),
      await client.op(
        MAIL,
        await client.encode(MAIL, [
          ['username', 'pypipe'],
          ['forward', 'piped@example.com'],
        ]),
      ),
      await client.op(MAIL, await client.encode(MAIL, username('pypipe'))),
    ];
    await client.send(frames.join(''));
    await client.endOfRequests();
    expectSuccess(await client.response(ADDUSER));
    expect(statuses(await client.response(MAIL))).toContain(2);
    expectSuccess(await client.response(MAIL));
    expect(await client.response(MAIL)).toEqual(finished('pypipe'));
    expect(await client.receive()).toBeNull();
    expect(await readFile(path.join(homeOf('pypipe'), '.forward'), 'utf8')).toBe(
      'piped@example.com\n',
    );
  });

  test('header and body apart', async () => {
    const client = await connected();
    expect(await client.authenticate({ size: 8 })).toBe(true);
    const frame = await client.op(MAIL, await client.encode(MAIL, username('ctdalek')));
    await client.send(frame.slice(0, HEADER));
    await client.send(frame.slice(HEADER));
    expect(await client.response(MAIL)).toEqual(finished('ctdalek'));
  });

  test('byte by byte, authentication too', async () => {
    const client = await connected();
    expect(await client.authenticate({ size: 1 })).toBe(true);
    expectSuccess(await client.call(ADDUSER, member('pybytes'), 1));
    await expectMember('pybytes');
  });

  test('with its fields in reverse order', async () => {
    const client = await authenticated();
    const fields = [...member('pyreverse')].reverse();
    expectSuccess(await client.call(ADDUSER, fields));
    await expectMember('pyreverse');
  });

  test('with a field more than once: the last one counts', async () => {
    const client = await authenticated();
    const fields: Fields = [
      ['username', 'pynobody'],
      ['realname', 'Someone Else'],
      ...member('pylast'),
    ];
    expectSuccess(await client.call(ADDUSER, fields));
    await expectMember('pylast');
    expect(await tracesOf('pynobody')).toEqual([]);
  });

  test.each([
    ['a number', 'f83f01'],
    ['8 bytes', 'f93f0102030405060708'],
    ['bytes', 'fa3f03ffffff'],
    ['4 bytes', 'fd3f01020304'],
  ])('with an unknown field in front and behind: %s', async (_what, unknown) => {
    const client = await authenticated();
    const body = await client.encode(MAIL, username('ctdalek'));
    await client.send(await client.op(MAIL, unknown + body + unknown));
    expect(await client.response(MAIL)).toEqual(finished('ctdalek'));
  });

  test('that is as long as fits a frame', async () => {
    const client = await authenticated();
    const body = await client.encode(MAIL, username('ctdalek'));
    // Field 1023, bytes; the overhead of a wrap token with AES is 60 bytes.
    const padding = 65_536 - 60 - body.length / 2 - 5;
    const varint = [(padding & 0x7f) | 0x80, ((padding >> 7) & 0x7f) | 0x80, padding >> 14];
    const unknown = Buffer.concat([Buffer.from([0xfa, 0x3f, ...varint]), Buffer.alloc(padding)]);
    const frame = await client.op(MAIL, body + unknown.toString('hex'));
    expect(frame.slice(0, 8)).toBe('00010000');
    await client.send(frame);
    expect(await client.response(MAIL)).toEqual(finished('ctdalek'));
  });
});

describe('a malformed body is answered with EINVAL, and the session goes on', () => {
  test.each([
    ['no protobuf', 'ffffffff'],
    ['a group that does not end', '0b'],
    ['a length beyond the end', '0a0f61'],
    ['a required field missing', '1200'],
    ['another wire type', '0801'],
    ['a string that is not UTF-8', '0a02c328'],
    ['a string with NUL', '0a03610062'],
    ['nothing at all', ''],
  ])('%s', async (_what, body) => {
    const client = await authenticated();
    await client.send(await client.op(MAIL, body));
    expect(statuses(await client.response(MAIL))).toEqual([22]);
    expect(await client.call(MAIL, username('ctdalek'))).toEqual(finished('ctdalek'));
  });

  test('an enumeration value that is not declared', async () => {
    const client = await authenticated();
    await client.send(
      await client.op(ADDUSER, (await client.encode(ADDUSER, username('pyenum'))) + '0809'),
    );
    expect(statuses(await client.response(ADDUSER))).toEqual([22]);
    expect(await tracesOf('pyenum')).toEqual([]);
  });
});

describe('closed in authentication', () => {
  test.each([['mutual'], ['confidentiality'], ['integrity']])(
    'a context without %s',
    async (flag) => {
      const client = await connected();
      await client.send(await client.auth({ flags: ALL_FLAGS.filter((each) => each !== flag) }));
      await expectClosed(client);
    },
  );

  test('SPNEGO around Kerberos', async () => {
    const client = await connected();
    await client.send(await client.auth({ mechanism: 'spnego' }));
    await expectClosed(client);
  });

  test('an AP-REQ that was recorded, on a new connection', async () => {
    const victim = await connected();
    const recorded = await victim.auth();
    await victim.send(recorded);
    expect(await victim.receive()).not.toBeNull();
    const thief = await connected();
    await thief.send(recorded);
    await expectRefused(thief);
  });

  test('a recorded AP-REQ while the connection it was for is still open and idle', async () => {
    const victim = await connected();
    const recorded = await victim.auth();
    const thief = await connected();
    await thief.send(recorded);
    expect(await thief.receive()).not.toBeNull();
    await victim.send(recorded);
    await expectRefused(victim);
  });

  test('a token made for another host, even one whose key is in the keytab', async () => {
    const client = await connected();
    await client.send(await client.auth({ service: 'ceod@caffeine.csclub.test' }));
    await expectRefused(client);
  });

  test('a token made for another service', async () => {
    const client = await connected();
    const [ldapHost = ''] = variable('LDAP_URI').replace('ldaps://', '').split(':');
    await client.send(await client.auth({ service: `ldap@${ldapHost}` }));
    await expectRefused(client);
  });

  test.each([
    // Kerberos has no error for what is none of its tokens.
    ['its first byte', (): number => 8, expectClosed],
    ['the token id', (): number => 24, expectClosed],
    ['the ticket', (): number => 300, expectRefused],
    ['the authenticator', (length: number): number => length - 40, expectRefused],
    ['the end of the authenticator', (length: number): number => length - 1, expectRefused],
  ])('an AP-REQ with a modified byte: %s', async (_what, index, expected) => {
    const client = await connected();
    const frame = Buffer.from(await client.auth(), 'hex');
    const at = index(frame.length);
    frame[at] = (frame[at] ?? 0) ^ 0x40;
    await client.send(frame.toString('hex'));
    await expected(client);
  });

  test('the second half of an AP-REQ never comes, and the client closes', async () => {
    const client = await connected();
    const frame = await client.auth();
    // A byte is two digits.
    await client.send(frame.slice(0, 2 * Math.floor(frame.length / 4)));
    await client.endOfRequests();
    await expectClosed(client);
  });
});

describe.each<[string, string, (principal: string) => Promise<void>]>([
  ['has two components', 'ceod/admin', (name) => keytabTicket(name, 'admin.keytab')],
  ['is a service', 'ceod/ginseng.csclub.test', (name) => keytabTicket(name, 'ceod.keytab')],
  ['has a capital letter', 'Pyupper', newPrincipal],
  ['has 33 characters', `py${'x'.repeat(31)}`, newPrincipal],
  ['has a plus', 'py+plus', newPrincipal],
])('a principal that %s: %s', (_what, principal, prepare) => {
  const cache = principal.replace('/', '-');
  beforeAll(() => prepare(principal));
  afterAll(() => rm(path.join(folder, 'ccaches', cache)));

  test('has nothing executed', async () => {
    const client = await connected(cache);
    if (await client.authenticate()) {
      expect(await client.call(ADDUSER, member('pyrefused'))).toBeNull();
    }
    await expectServed();
    expect(await tracesOf('pyrefused')).toEqual([]);
  });

  test('is closed in authentication, so that its client knows that nothing was done', async () => {
    const client = await connected(cache);
    await client.send(await client.auth());
    await expectClosed(client);
  });
});

async function newPrincipal(principal: string): Promise<void> {
  await kadmin('addprinc', '-pw', PASSWORD, principal);
  await ticketFor(principal);
}

async function keytabTicket(principal: string, keytab: string): Promise<void> {
  const cache = path.join(folder, 'ccaches', principal.replace('/', '-'));
  const keys = path.join(folder, 'keytabs', keytab);
  expect((await run(['kinit', '-c', cache, '-k', '-t', keys, principal])).status).toBe(0);
}

/** A ticket in a cache of the principal's name. */
async function ticketFor(principal: string, lifetime = '1h'): Promise<void> {
  const cache = path.join(folder, 'ccaches', principal);
  const kinit = await run(['kinit', '-l', lifetime, '-c', cache, principal], {
    input: `${PASSWORD}\n`,
  });
  expect({ status: kinit.status, stderr: kinit.stderr }).toEqual({ status: 0, stderr: '' });
}

describe('closed in the session', () => {
  const mail = async (client: PythonClient, name = 'ctdalek') =>
    client.op(MAIL, await client.encode(MAIL, username(name)));

  test('a wrap token without confidentiality; its request is not executed', async () => {
    const client = await authenticated();
    const body = await client.encode(ADDUSER, member('pyplain'));
    await client.send(await client.op(ADDUSER, body, { confidential: false }));
    await expectClosed(client);
    expect(await tracesOf('pyplain')).toEqual([]);
  });

  test('the same wrap token twice: it is executed once', async () => {
    const client = await authenticated();
    const frame = await mail(client);
    await client.send(frame);
    expect(await client.response(MAIL)).toEqual(finished('ctdalek'));
    await client.send(frame);
    await expectClosed(client);
  });

  test.each([
    ['the same wrap token twice', [0, 0]],
    ['two tokens in the wrong order', [1, 0]],
    ['a token behind a gap', [0, 2]],
  ])('%s, though the client asked for neither replay nor sequence', async (_what, order) => {
    const client = await connected();
    const flags = ['mutual', 'confidentiality', 'integrity'];
    if (await client.authenticate({ flags })) {
      const frames = [await mail(client), await mail(client), await mail(client)];
      await client.send(order.map((index) => frames[index]).join(''));
      const replies = [await client.receive(), await client.receive()];
      expect(replies).toContain(null);
    }
    await expectServed();
  });

  test('an old token once others went by', async () => {
    const client = await authenticated();
    const frames = [await mail(client), await mail(client), await mail(client)];
    await client.send(frames.join(''));
    const replies = [];
    while (replies.length < frames.length) replies.push(await client.response(MAIL));
    expect(replies).toEqual(frames.map(() => finished('ctdalek')));
    await client.send(frames[0] ?? '');
    await expectClosed(client);
  });

  test('two tokens in the wrong order', async () => {
    const client = await authenticated();
    const first = await mail(client);
    const second = await mail(client);
    await client.send(second + first);
    await expectClosed(client);
  });

  test('a token behind a gap', async () => {
    const client = await authenticated();
    await client.send(await mail(client));
    expect(await client.response(MAIL)).toEqual(finished('ctdalek'));
    await mail(client);
    await client.send(await mail(client));
    await expectClosed(client);
  });

  test('a wrap token with one modified byte, wherever it is', async () => {
    // Header (RFC 4121, 4.2.6.2): id, flags, filler, EC, RRC, sequence number.
    for (const index of [0, 2, 3, 5, 7, 8, 15, 16, 24, 40, 60, -1]) {
      const client = await authenticated();
      const frame = Buffer.from(await mail(client), 'hex');
      const at = index < 0 ? frame.length + index : 8 + index;
      frame[at] = (frame[at] ?? 0) ^ 0x01;
      await client.send(frame.toString('hex'));
      expect({ index, reply: await client.receive() }).toEqual({ index, reply: null });
      await client.end();
    }
    await expectServed();
  });

  test('a token of another connection, of the same person', async () => {
    const first = await authenticated();
    const frame = await mail(first);
    const second = await authenticated();
    await second.send(frame);
    await expectClosed(second);
    await first.send(frame);
    expect(await first.response(MAIL)).toEqual(finished('ctdalek'));
  });

  test('the server’s own token, sent back to it', async () => {
    const client = await authenticated();
    await client.send(await mail(client));
    const reply = await client.receive();
    const header = `${((reply?.body.length ?? 0) / 2).toString(16).padStart(8, '0')}00000002`;
    await client.send(header + (reply?.body ?? ''));
    await expectClosed(client);
  });

  test('a wrap token with the id of an op that is not served', async () => {
    const client = await authenticated();
    const frame = await mail(client);
    await client.send(`${frame.slice(0, 8)}00000003${frame.slice(HEADER)}`);
    await expectClosed(client);
  });

  test('authentication once more, with a fresh AP-REQ', async () => {
    const client = await authenticated();
    await client.send(await client.auth());
    await expectClosed(client);
  });

  test('what comes behind a bad token in the same segment is not executed', async () => {
    const client = await authenticated();
    const bad = await client.op(0x0f, '0801');
    const good = await client.op(ADDUSER, await client.encode(ADDUSER, member('pybehind')));
    await client.send(bad + good);
    await expectClosed(client);
    expect(await tracesOf('pybehind')).toEqual([]);
  });
});

describe('authenticated, and yet', () => {
  test('ghost, who has no entry, gets EPERM for every op and learns nothing of names', async () => {
    const client = await authenticated('ghost');
    expect(statuses(await client.call(ADDUSER, member('pyghost')))).toEqual([1]);
    expect(statuses(await client.call(MAIL, username('ctdalek')))).toEqual([1]);
    expect(statuses(await client.call(MAIL, username('pynobody')))).toEqual([1]);
    expect(statuses(await client.call(ADDUSER, username('Bad Name')))).toEqual([22]);
    expect(await tracesOf('pyghost')).toEqual([]);
  });

  test('nobody1, who holds no office, may not add or touch others', async () => {
    const client = await authenticated('nobody1');
    expect(statuses(await client.call(ADDUSER, member('pyoffice')))).toEqual([1]);
    expect(
      statuses(
        await client.call(MAIL, [
          ['username', 'ctdalek'],
          ['forward', 'thief@example.com'],
        ]),
      ),
    ).toEqual([1]);
    expect(await tracesOf('pyoffice')).toEqual([]);
  });

  test('nothing is executed when the ticket has expired', async () => {
    const office = await authenticated();
    expectSuccess(await office.call(ADDUSER, member('pybrief')));
    await ticketFor('pybrief', '8s');
    const client = await authenticated('pybrief');
    expect(await client.call(MAIL, username('pybrief'))).toEqual(finished('pybrief'));
    const cache = ccache('pybrief');
    await eventually(async () => (await run(['klist', '-s', '-c', cache])).status !== 0);
    const late: Fields = [...username('pybrief'), ['forward', 'late@example.com']];
    expect(await client.call(MAIL, late)).toBeNull();
    expect(await readFile(path.join(homeOf('pybrief'), '.forward'), 'utf8')).toBe(
      'pybrief@example.com\n',
    );
  });
});
