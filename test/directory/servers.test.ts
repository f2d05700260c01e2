/** Promise: what a server of several has not done, the next is asked for; those preferred are returned to. */
import {
  afterAll,
  afterEach,
  beforeAll,
  beforeEach,
  describe,
  expect,
  jest,
  test,
} from '@jest/globals';
import { readFile, writeFile } from 'node:fs/promises';
import path from 'node:path';
import { BerWriter, EqualityFilter } from 'ldapts';
import { Directory } from '../../src/directory/connection.js';
import { Servers } from '../../src/directory/servers.js';
import {
  done,
  entry,
  startHostileLdap,
  type HostileConnection,
  type HostileLdap,
} from '../support/hostileLdap.js';
import { folder } from '../support/realm.js';

const [A, B, C] = ['ldaps://a.example', 'ldaps://b.example', 'ldaps://c.example'];

describe('the order', () => {
  beforeEach(() => void jest.useFakeTimers());
  afterEach(() => void jest.useRealTimers());
  const ABC = () => new Servers([A, B, C]);

  test('as configured; the primary first, however it is written', () => {
    expect(ABC().inOrder('read')).toEqual([A, B, C]);
    const servers = new Servers([A, 'ldaps://B.example:636/', C], B);
    expect(servers.inOrder('read')).toEqual([B, A, C]);
    expect(new Servers([A, B], C).inOrder('write')).toEqual([C, A, B]);
  });

  test('ldap:// and ldaps:// are two servers, and so are two ports', () => {
    const urls = ['ldap://a.example', 'ldaps://a.example:637', A];
    expect(new Servers(urls).inOrder('read')).toEqual(urls);
  });

  test('one that has failed comes last, and first again after a while, or as soon as it answers', () => {
    const servers = ABC();
    servers.failed(A);
    expect(servers.inOrder('read')).toEqual([B, C, A]);
    jest.advanceTimersByTime(60_000);
    expect(servers.inOrder('read')).toEqual([A, B, C]);
    servers.failed(A);
    servers.answered(A, 'read');
    expect(servers.inOrder('read')).toEqual([A, B, C]);
  });

  test('all have failed: as configured', () => {
    const servers = ABC();
    for (const url of [C, A, B]) servers.failed(url);
    expect(servers.inOrder('read')).toEqual([A, B, C]);
  });

  test('a replica is asked for changes behind one that fails, and is read from as before', () => {
    const servers = ABC();
    servers.tookNoChange(A);
    servers.failed(B);
    expect(servers.inOrder('write')).toEqual([C, B, A]);
    expect(servers.inOrder('read')).toEqual([A, C, B]);
  });

  test('what was changed is read where it was changed', () => {
    const servers = ABC();
    servers.answered(B, 'write');
    expect(servers.inOrder('read')).toEqual([B, A, C]);
    expect(servers.inOrder('write')).toEqual([B, A, C]);
    jest.advanceTimersByTime(10 * 60_000);
    expect(servers.inOrder('read')).toEqual([A, B, C]);
  });
});

describe('of two servers, one', () => {
  let bad: HostileLdap;
  let good: HostileLdap;
  const environment = { ...process.env };
  beforeAll(async () => {
    [bad, good] = await Promise.all([startHostileLdap(), startHostileLdap()]);
    const authorities = path.join(folder, 'two-hostile.pem');
    const each = [bad, good].map(({ authority }) => readFile(authority));
    await writeFile(authorities, (await Promise.all(each)).join('\n'));
    process.env['LDAPTLS_CACERT'] = authorities;
    good.answer = ({ messageId, socket }) =>
      socket.write(
        Buffer.concat([entry(messageId, 'uid=a,dc=test', { uid: ['alice'] }), done(messageId)]),
      );
  });
  afterAll(() => {
    process.env = environment;
    bad.stop();
    good.stop();
  });
  beforeEach(() => {
    bad.connections = good.connections = 0;
  });

  const SEARCH_DONE = 0x65;
  const refusing = (code: number) => {
    return ({ messageId, socket }: HostileConnection) => {
      const writer = new BerWriter();
      writer.startSequence();
      writer.writeInt(messageId);
      writer.startSequence(SEARCH_DONE);
      writer.writeEnumeration(code);
      writer.writeString('');
      writer.writeString('for reasons of its own');
      writer.endSequence();
      writer.endSequence();
      socket.write(writer.buffer);
    };
  };

  const open = (...urls: string[]) =>
    new Directory({ servers: new Servers(urls), timeoutMs: 20_000, anonymous: true });
  const look = (directory: Directory, unpaged: boolean) =>
    directory.search('dc=test', {
      scope: 'sub',
      filter: new EqualityFilter({ attribute: 'uid', value: 'alice' }),
      attributes: ['uid'],
      ...(unpaged && { unpaged: true as const }),
    });

  describe.each<[string, HostileLdap['answer']]>([
    ['is busy', refusing(51)],
    ['is unavailable', refusing(52)],
    ['refers to another', refusing(10)],
    ['says nothing', () => undefined],
    ['hangs up', ({ socket }) => socket.destroy()],
    ['sends what is no LDAP', ({ socket }) => socket.write('HTTP/1.1 200 OK')],
  ])('%s', (_what, answer) => {
    test.each([true, false])(
      'the other is asked, and asked at once from then on (%s)',
      async (unpaged) => {
        bad.answer = answer;
        const directory = open(bad.url, good.url);
        try {
          for (let times = 0; times < 3; times += 1)
            expect(await look(directory, unpaged)).toHaveLength(1);
          expect([bad.connections, good.connections]).toEqual([1, 1]);
        } finally {
          directory.close();
        }
      },
    );
  });

  test('a server that takes long and answers in between is waited for', async () => {
    let searches = 0;
    bad.answer = (connection) => {
      searches += 1;
      const { messageId, socket } = connection;
      const answer = () =>
        socket.write(
          Buffer.concat([entry(messageId, 'uid=a,dc=test', { uid: ['slow'] }), done(messageId)]),
        );
      // The first one takes 8 s; what is asked meanwhile is answered at once.
      if (searches === 1) setTimeout(answer, 8_000);
      else answer();
    };
    const directory = open(bad.url, good.url);
    try {
      expect((await look(directory, true))[0]?.values('uid')).toEqual(['slow']);
      expect(good.connections).toBe(0);
    } finally {
      directory.close();
    }
  });

  test('of a sole server that is busy: it says so', async () => {
    bad.answer = refusing(51);
    const directory = open(bad.url);
    await expect(look(directory, true)).rejects.toMatchObject({ code: 'busy' });
    directory.close();
  });

  test('neither: both are told of', async () => {
    bad.answer = refusing(52);
    const directory = open('ldaps://127.0.0.1:1', bad.url);
    await expect(look(directory, true)).rejects.toMatchObject({
      code: 'unreachable',
      message: expect.stringMatching(/ldaps:\/\/127\.0\.0\.1:1: .*REFUSED.*own/) as unknown,
    });
    directory.close();
  });
});
