/** Promise: whatever answers in Mailman's place costs an error, not memory or time, and is told our password nowhere else. */
import { createServer, type Server, type ServerResponse } from 'node:http';
import type { AddressInfo } from 'node:net';
import { afterEach, beforeEach, expect, test } from '@jest/globals';
import { mailman2, mailman3 } from '../../src/mailman/subscribe.js';

const list = { name: 'members', domain: 'example.org' };
let server: Server;
let url: string;
let answer: (response: ServerResponse) => void;
let asked: (string | undefined)[];

beforeEach(async () => {
  asked = [];
  server = createServer((request, response) => {
    asked.push(request.url);
    answer(response);
  });
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  url = `http://127.0.0.1:${(server.address() as AddressInfo).port}`;
});
afterEach(() => {
  server.close();
  server.closeAllConnections();
});

const subscribe = (timeoutMs = 5_000) =>
  mailman3({ url, username: 'restadmin', password: 'secret', timeoutMs })(list, 'a@example.org');

/** Until the client has gone. */
function flood(response: ServerResponse): void {
  const go = () => {
    while (!response.destroyed && response.write('x'.repeat(65_536)));
  };
  response.on('drain', go);
  go();
}

test.each([201, 400, 409, 500])('%d without end: the outcome is unknown', async (status) => {
  answer = (response) => flood(response.writeHead(status));
  // So long that the end of it is not what ended it.
  await expect(subscribe(60_000)).rejects.toMatchObject({
    code: 'outcome_unknown',
    message: expect.stringContaining('try again') as unknown,
  });
});

test('a byte at a time', async () => {
  answer = (response) => {
    response.writeHead(201);
    const timer = setInterval(() => response.write(' '), 20);
    response.on('close', () => clearInterval(timer));
  };
  await expect(subscribe(500)).rejects.toMatchObject({ code: 'outcome_unknown' });
});

test.each([301, 302, 303, 307, 308])('sent elsewhere by %d: not followed', async (status) => {
  answer = (response) => response.writeHead(status, { location: `${url}/elsewhere` }).end();
  await expect(subscribe()).rejects.toMatchObject({ name: 'CeoError' });
  expect(asked).toEqual(['/members']);
});

test('what add_members says is shortened, and cannot write to a terminal', async () => {
  const evil = mailman2({ command: '/usr/bin/printf', timeoutMs: 5_000 });
  // Its arguments are `-r - LIST`: printf(1) complains about the first of them, in one line.
  const error: unknown = await evil(
    { ...list, name: `\u001b]0;owned\u0007${'x'.repeat(100_000)}` },
    'a@example.org',
  ).catch((each: unknown) => each);
  expect((error as Error).message.length).toBeLessThan(600);
});
