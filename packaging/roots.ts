/** Clean Debian systems in folders, made by debootstrap and kept in build/roots/. */
import { existsSync } from 'node:fs';
import { mkdir, rename, rm, writeFile } from 'node:fs/promises';
import path from 'node:path';
import { BUILD } from './checkout.js';
import { output } from './program.js';

const ROOTS = path.join(BUILD, 'roots');

/** The name by which the system knows itself. */
export const HOST = 'proof.example.org';

/** A fresh copy of a clean system, for whatever is to be done to it. */
export async function cleanRoot(suite: string): Promise<Root> {
  const clean = path.join(ROOTS, suite);
  if (!existsSync(clean)) await bootstrap(suite, clean);
  const folder = path.join(ROOTS, `${suite}.used`);
  await rm(folder, { recursive: true, force: true });
  await output(['cp', '-a', clean, folder]);
  const root = new Root(folder);
  await root.write('etc/hosts', `127.0.0.1 localhost\n127.0.1.1 ${HOST} proof\n`);
  await root.write('etc/hostname', `${HOST}\n`);
  await output(['cp', '-L', '/etc/resolv.conf', path.join(folder, 'etc')]);
  // Nothing starts by itself, should the machine have more of a system than a chroot has.
  await root.write('usr/sbin/policy-rc.d', '#!/bin/sh\nexit 101\n', 0o755);
  await root.write('etc/apt/apt.conf.d/99quiet', 'APT::Install-Recommends "false";\n');
  return root;
}

async function bootstrap(suite: string, folder: string): Promise<void> {
  if (process.getuid?.() !== 0) {
    throw new Error('NOT PROVED: debootstrap needs root.');
  }
  const making = `${folder}.making`;
  await mkdir(ROOTS, { recursive: true });
  await rm(making, { recursive: true, force: true });
  try {
    const options = ['--variant=minbase', '--include=man-db'];
    await output(['debootstrap', ...options, suite, making, await mirror()]);
  } catch (cause) {
    throw new Error(
      `NOT PROVED: debootstrap cannot make a system of ${suite} here.\n${String(cause)}`,
      { cause },
    );
  }
  await rename(making, folder);
}

/** From where this machine has its own packages. */
async function mirror(): Promise<string> {
  const told = await output([
    ...(['apt-get', 'indextargets', '--format', '$(SITE)', 'Created-By: Packages'] as const),
    'Origin: Debian',
  ]);
  const [first] = told.split('\n').filter((site) => !site.includes('security'));
  if (first === undefined || first === '') {
    throw new Error('NOT PROVED: apt knows no mirror of Debian here: run apt-get update first.');
  }
  return first;
}

export interface Result {
  readonly status: number;
  /** Standard output and standard error, as they came. */
  readonly said: string;
}

export class Root {
  constructor(readonly folder: string) {}

  async write(file: string, content: string | Uint8Array, mode = 0o644): Promise<void> {
    const target = path.join(this.folder, file);
    await mkdir(path.dirname(target), { recursive: true });
    await writeFile(target, content, { mode });
  }

  has(file: string): boolean {
    return existsSync(path.join(this.folder, file));
  }

  /**
   * Runs a script of sh inside, in namespaces of its own: its processes and mounts end with it.
   * @param shared a folder of this machine that it sees as /shared
   */
  async run(script: string, shared?: string): Promise<Result> {
    const inside = `
      set -e
      hostname ${HOST}
      ip link set lo up 2>/dev/null || :
      mount --bind "$1" "$1"
      cd "$1"
      mount -t proc proc proc
      [ -z "$2" ] || { mkdir -p shared; mount --bind "$2" shared; }
      status=0
      env -i PATH=/usr/sbin:/usr/bin:/sbin:/bin HOME=/root TERM=dumb LC_ALL=C.UTF-8 \\
        DEBIAN_FRONTEND=noninteractive \\
        chroot . sh -ec "$3" </dev/null 2>&1 || status=$?
      echo "status $status"`;
    const namespaces = ['--mount', '--uts', '--ipc', '--pid', '--fork', '--kill-child'] as const;
    const said = await output([
      ...([
        'unshare',
        ...namespaces,
        '--propagation',
        'private',
        'sh',
        '-c',
        inside,
        'sh',
      ] as const),
      this.folder,
      shared ?? '',
      script,
    ]);
    const [, text = '', status = ''] = /^([^]*)status (\d+)\n$/.exec(said) ?? [];
    return { status: Number(status), said: text };
  }

  async remove(): Promise<void> {
    await rm(this.folder, { recursive: true });
  }
}
