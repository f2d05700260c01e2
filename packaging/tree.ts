/** The files of a package, as they are to be on the host that installs it. */
import { chmod, copyFile, lutimes, mkdir, readdir, symlink, writeFile } from 'node:fs/promises';
import path from 'node:path';
import { gzipSync } from 'node:zlib';

export class Tree {
  constructor(readonly root: string) {}

  /** A file of ours; whether it may be run is said, as a checkout's modes are its umask's. */
  async copy(from: string, to: string, mode = 0o644): Promise<void> {
    const target = await this.place(to);
    await copyFile(from, target);
    await chmod(target, mode);
  }

  /** All files below a folder that the filter takes. */
  async copyFolder(
    from: string,
    to: string,
    takes: (name: string) => boolean = () => true,
    mode = 0o644,
  ): Promise<void> {
    const entries = await readdir(from, { recursive: true, withFileTypes: true });
    for (const entry of entries.filter((each) => each.isFile())) {
      const file = path.join(entry.parentPath, entry.name);
      const name = path.relative(from, file);
      if (takes(name)) await this.copy(file, path.join(to, name), mode);
    }
  }

  async write(to: string, text: string | Uint8Array, mode = 0o644): Promise<void> {
    const target = await this.place(to);
    await writeFile(target, text);
    await chmod(target, mode);
  }

  /** As policy wants manuals and changelogs; zlib writes no time into it. */
  async writeCompressed(to: string, text: string): Promise<void> {
    await this.write(`${to}.gz`, gzipSync(text, { level: 9 }));
  }

  async link(to: string, leadsTo: string): Promise<void> {
    await symlink(leadsTo, await this.place(to));
  }

  /** Whoever builds it, and when: the bytes of the archive tell neither. */
  async seal(seconds: number): Promise<void> {
    const entries = await readdir(this.root, { recursive: true, withFileTypes: true });
    for (const entry of entries) {
      const file = path.join(entry.parentPath, entry.name);
      if (entry.isDirectory()) await chmod(file, 0o755);
      await lutimes(file, seconds, seconds);
    }
    await chmod(this.root, 0o755);
    await lutimes(this.root, seconds, seconds);
  }

  private async place(to: string): Promise<string> {
    const target = path.join(this.root, to);
    await mkdir(path.dirname(target), { recursive: true });
    return target;
  }
}
