/** A ceod whose session processes somebody has captured: they run what a test tells them to. */
import { existsSync } from 'node:fs';
import { chmod, chown, cp, mkdir, readFile, rename, writeFile } from 'node:fs/promises';
import path from 'node:path';
import { checkout } from '../../sandbox/checkout.js';
import { SESSION_USER } from '../../sandbox/configuration.js';
import { nodeOf, programsOf } from '../../sandbox/programs.js';
import { unixUser } from '../../sandbox/users.js';
import { ownHost, startCeodOn, type OwnCeod } from './ownCeod.js';
import { eventually } from './eventually.js';
import { folder, run } from './realm.js';

export interface CapturableCeod extends OwnCeod {
  /**
   * Has the next connection served by a process that does this, besides. It is JavaScript, with
   * `fs`, `libc`, `koffi`, `say(bytes)` to the master, and `tell(value)` to the test.
   */
  readonly capture: (code: string) => Promise<void>;
  readonly wasCaptured: () => boolean;
  /** What the captured process told, once it has. */
  readonly told: () => Promise<unknown>;
}

/** The process that takes the file of orders, when it gets a connection, runs what is in it. */
const program = (order: string) => `{
const fs = require('node:fs');
const koffi = require('koffi');
const libc = koffi.load('libc.so.6');
const say = (bytes) => fs.writeSync(1, bytes);
const tell = (value) => {
  fs.writeFileSync('${order}.telling', JSON.stringify(value));
  fs.renameSync('${order}.telling', '${order}.told');
};
process.stdin.on('data', (text) => {
  if (!text.includes('"connection"')) return;
  try {
    fs.renameSync('${order}', '${order}.taken');
  } catch {
    return;
  }
  eval(fs.readFileSync('${order}.taken', 'utf8'));
});
}`;

/** @param settings lines for ceod.cf */
export async function startCapturableCeod(settings: string): Promise<CapturableCeod> {
  const host = await ownHost(settings);
  const tree = path.join(host.dir, 'captured');
  const orders = path.join(host.dir, 'orders');
  const order = path.join(orders, 'order');
  await mkdir(tree);
  await mkdir(orders);
  await chown(orders, 0, (await unixUser(SESSION_USER)).gid);
  await chmod(orders, 0o770);
  await cp(path.join(programsOf(folder), 'dist'), path.join(tree, 'dist'), { recursive: true });
  await cp(path.join(programsOf(folder), 'package.json'), path.join(tree, 'package.json'));
  const modules = path.join(tree, 'node_modules');
  await cp(path.join(programsOf(folder), 'node_modules'), modules, { recursive: true });
  await cp(path.join(checkout, 'node_modules', 'koffi'), path.join(modules, 'koffi'), {
    recursive: true,
  });
  await run(['chmod', '-R', 'a+rX,go-w', tree]);
  await writeFile(path.join(tree, 'dist', 'ceod', 'session.js'), program(order), { flag: 'a' });
  const ceod = await startCeodOn(host, {}, nodeOf(folder), tree);
  await eventually(() => ceod.log().some(({ msg }) => msg === 'listening'));
  return {
    ...ceod,
    // Renamed, so that nobody takes half of it.
    async capture(code) {
      await writeFile(`${order}.new`, code);
      await rename(`${order}.new`, order);
    },
    wasCaptured: () => existsSync(`${order}.taken`),
    async told() {
      await eventually(() => existsSync(`${order}.told`));
      return JSON.parse(await readFile(`${order}.told`, 'utf8')) as unknown;
    },
  };
}
