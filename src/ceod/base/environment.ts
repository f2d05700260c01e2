/** The environment of ceod and of everything that it starts: from empty, whoever started it. */
import path from 'node:path';
import { SYSTEM_PATH } from '../../process/run.js';

/** What a site may tell ceod by its environment; the rest is settings. */
const PASSED = [
  ...['CEO_CONFIG_DIR', 'CEO_HOSTS', 'CEO_LIB_DIR'],
  ...['KRB5_CONFIG', 'KRB5RCACHENAME', 'LDAPTLS_CACERT'],
] as const;

type Name = (typeof PASSED)[number];

/** A name from the working folder is another file's for a child, which works in `/`. */
const ABSOLUTE: Readonly<Partial<Record<Name, (value: string) => string>>> = {
  CEO_CONFIG_DIR: (dir) => path.resolve(dir),
  CEO_HOSTS: (file) => path.resolve(file),
  CEO_LIB_DIR: (dir) => path.resolve(dir),
  KRB5_CONFIG: (files) =>
    files
      .split(':')
      .filter((file) => file !== '')
      .map((file) => path.resolve(file))
      .join(':'),
  LDAPTLS_CACERT: (file) => path.resolve(file),
};

/** What is to be set, and nothing else. */
export function daemonEnvironment(): Record<string, string> {
  const passed = PASSED.flatMap((name) => {
    const value = process.env[name];
    return value === undefined || value === '' ? [] : [[name, ABSOLUTE[name]?.(value) ?? value]];
  });
  return {
    PATH: SYSTEM_PATH,
    LANG: 'C.UTF-8',
    ...(Object.fromEntries(passed) as Record<string, string>),
  };
}

/** Makes it this process's own, with these variables on top. */
export function takeEnvironment(more: Readonly<Record<string, string>> = {}): void {
  const wanted = { ...daemonEnvironment(), ...more };
  for (const name of Object.keys(process.env)) {
    if (!(name in wanted)) Reflect.deleteProperty(process.env, name);
  }
  Object.assign(process.env, wanted);
}
