/** The demo site: who and what exists in a fresh sandbox. Data alone. */

export const REALM = 'CSCLUB.TEST';
export const BASE = 'dc=csclub,dc=test';
/** The university's own directory. */
export const UNIVERSITY = 'dc=university,dc=test';
/** What ceod is when it changes the directory and the realm. */
export const ADMIN_PRINCIPAL = `ceod/admin@${REALM}`;

/** Members are subscribed to this list. */
export const MEMBERS_LIST = 'csc-members';
export const LIST_DOMAIN = 'csclub.test';

export interface SiteHost {
  /** Full name: the GSS-API target is `ceod/NAME`. */
  name: string;
  /** Last byte of its loopback address. */
  address: number;
  /** Those of the proto that run as this user are served here. */
  runs: string;
}

/** Every host has an address, a service key and a ceod. */
export const hosts: readonly SiteHost[] = [
  {
    name: 'ginseng.csclub.test',
    address: 11,
    runs: 'root',
  },
  {
    name: 'caffeine.csclub.test',
    address: 12,
    runs: 'mysql',
  },
  {
    name: 'mail.csclub.test',
    address: 13,
    runs: 'list',
  },
];

/** `ginseng` of `ginseng.csclub.test`. */
export function shortName(host: SiteHost): string {
  return host.name.replace(/\..*/, '');
}

export interface Person {
  username: string;
  realname: string;
  id: number;
  program?: string;
}

export const people: readonly Person[] = [
  { username: 'ctdalek', realname: 'Calum T. Dalek', id: 20001, program: 'MATH Computer Science' },
  { username: 'sysadmin1', realname: 'Sysadmin One', id: 20002, program: 'MATH Computer Science' },
  { username: 'nobody1', realname: 'Nobody One', id: 20003, program: 'ENG Software Engineering' },
  ...Array.from({ length: 10 }, (_, index) => ({
    username: `mailu0${index}`,
    realname: `Mail User ${index}`,
    id: 20010 + index,
  })),
];

export interface Student {
  username: string;
  realname: string;
  /** Values of ou, such as the program; `orphaned` or `expired` of those who have left. */
  ou: string;
}

/** Whom the university knows: members, and people who may become members. */
export const students: readonly Student[] = [
  { username: 'ctdalek', realname: 'Calum T. Dalek', ou: 'MATH Computer Science' },
  { username: 'mailu01', realname: 'Mail User 1', ou: 'MATH Actuarial Science' },
  { username: 'mailu02', realname: 'Mail User 2', ou: 'expired' },
  { username: 'mailu03', realname: 'Mail User 3', ou: 'ARTS Études françaises' },
  { username: 'newstudent', realname: 'New Student', ou: 'ENG Nanotechnology' },
  { username: 'oldstudent', realname: 'Öld Student', ou: 'orphaned' },
  { username: 'frosh1', realname: 'Zoë 小明', ou: 'SCI Physics' },
  { username: 'frosh2', realname: 'Second Frosh', ou: 'AHS Kinesiology' },
];

export interface Club {
  username: string;
  realname: string;
  id: number;
  /** Usernames. */
  members: readonly string[];
}

export const clubs: readonly Club[] = [
  { username: 'csc', realname: 'Computer Science Club', id: 30001, members: [] },
  { username: 'chessclub', realname: 'Chess Club', id: 30002, members: ['mailu01'] },
];

export interface Group {
  name: string;
  id: number;
  /** Usernames. */
  members: readonly string[];
}

/** Groups that belong to no account. */
export const groups: readonly Group[] = [
  { name: 'office', id: 10001, members: ['ctdalek'] },
  { name: 'syscom', id: 10002, members: ['sysadmin1'] },
  { name: 'grponly', id: 10003, members: [] },
];

/** A principal that no directory entry goes with. */
export const GHOST = 'ghost';

/** Kerberos passwords of everyone who can log in, by username. */
export const passwords: Readonly<Record<string, string>> = Object.fromEntries(
  [...people.map(({ username }) => username), GHOST].map((name) => [name, `${name}-pw`]),
);

/** The term of this day: `w2026` January to April, `s2026` to August, `f2026` to December. */
export function termOf(day: Date): string {
  const season = day.getMonth() < 4 ? 'w' : day.getMonth() < 8 ? 's' : 'f';
  return `${season}${day.getFullYear()}`;
}
