/** Home directories of the demo site, and the skeletons that ceod copies for new ones. */
import { chmod, chown, lchown, mkdir, symlink, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { run } from './run.js';
import { clubs, people } from './site.js';

async function makeSkeleton(folder: string, title: string): Promise<void> {
  await mkdir(join(folder, 'www'), { recursive: true });
  await writeFile(join(folder, '.profile'), `# ${title}\n[ -f ~/.bashrc ] && . ~/.bashrc\n`);
  await writeFile(join(folder, '.bashrc'), 'umask 022\n');
  await writeFile(join(folder, '.private'), 'for its owner alone\n');
  await chmod(join(folder, '.private'), 0o600);
  await symlink('www', join(folder, 'public_html'));
  // ceod leaves these two out: one lies deeper than it goes, one is not root's.
  await writeFile(join(folder, 'www', 'index.html'), '<h1>nested</h1>\n');
  await writeFile(join(folder, '.stray'), 'not owned by root\n');
  await chown(join(folder, '.stray'), 65534, 65534);
}

async function makeHome(home: string, id: number): Promise<void> {
  await mkdir(home);
  const profile = join(home, '.profile');
  await writeFile(profile, '[ -f ~/.bashrc ] && . ~/.bashrc\n');
  await lchown(profile, id, id);
  await chown(home, id, id);
}

/** Makes users/ with everyone's home, and skel/member, skel/club. */
export async function makeHomes(folder: string): Promise<void> {
  await Promise.all([
    makeSkeleton(join(folder, 'skel', 'member'), 'member'),
    makeSkeleton(join(folder, 'skel', 'club'), 'club'),
    ...[...people, ...clubs].map(({ username, id }) =>
      makeHome(join(folder, 'users', username), id),
    ),
  ]);
  await Promise.all(
    clubs.map(({ username, id }) => {
      const acl = `u::rwx,g::r-x,o::r-x,g:${id}:rwx,m::rwx`;
      const entries = [acl, ...acl.split(',').map((entry) => `d:${entry}`)].join(',');
      return run('setfacl', ['-m', entries, '--', join(folder, 'users', username)]);
    }),
  );
}
