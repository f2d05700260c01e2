/** What a configuration may say, but had better not: each with what is wrong and the way to mend it. */
import { printable } from '../printable.js';
import { readRegularText } from '../regularFile.js';
import type { Loaded } from './kinds.js';
import type { accountsTable } from './keys.js';

/** From the least to the greatest, both included. */
interface Numbers {
  readonly min: number;
  readonly max: number;
}

interface OthersNumbers extends Numbers {
  readonly whose: string;
}

/** uids that are given out by somebody else: Debian's policy §9.2.2, systemd's UIDS-GIDS. */
const OTHERS: readonly OthersNumbers[] = [
  { min: 0, max: 999, whose: 'the users of the system' },
  { min: 60_001, max: 60_513, whose: 'the users of systemd-homed' },
  { min: 60_514, max: 60_577, whose: 'the users that systemd maps into containers' },
  { min: 61_184, max: 65_519, whose: 'the dynamic users of systemd' },
  { min: 65_534, max: 65_534, whose: 'nobody' },
  { min: 65_535, max: 65_535, whose: 'the -1 of 16 bits, which is no user' },
  { min: 524_288, max: 1_879_048_191, whose: 'the containers of systemd' },
  { min: 2_147_483_648, max: 4_294_967_295, whose: 'what some programs take for negative' },
];

const overlap = (one: Numbers, other: Numbers) => one.min <= other.max && other.min <= one.max;
/** subuid(5), subgid(5): what users of this host have for their containers. */
const subordinate = (): OthersNumbers[] =>
  ['/etc/subuid', '/etc/subgid'].flatMap((file) =>
    fieldsOf(file).flatMap(([user = '', first = '', count = '']) => {
      const [min, max] = [Number(first), Number(first) + Number(count) - 1];
      return min <= max ? [{ min, max, whose: `given to ${printable(user)} in ${file}` }] : [];
    }),
  );

const others = () => [...OTHERS, ...subordinate()];

/** The lines of one of the system's files; none if it cannot be read. */
const fieldsOf = (file: string): string[][] => fieldsIn(file, ':');

function fieldsIn(file: string, separator: string): string[][] {
  try {
    return readRegularText(file)
      .split('\n')
      .map((line) => line.split(separator));
  } catch {
    return [];
  }
}

const range = ({ min, max }: Numbers) => (min === max ? `${min}` : `${min}-${max}`);

/** Whose a range of uids is as well, for people; undefined if nobody's. */
export function othersIn(numbers: Numbers): string | undefined {
  const found = others().filter((other) => overlap(numbers, other));
  if (found.length === 0) return undefined;
  return found.map((other) => `${range(other)}, ${other.whose}`).join('; ');
}

/** The largest part of a range that is nobody else's, if there is any; or else one that is. */
function own(numbers: Numbers): Numbers {
  let parts: Numbers[] = [numbers];
  for (const other of others()) {
    parts = parts.flatMap((part) =>
      overlap(part, other)
        ? [
            { min: part.min, max: other.min - 1 },
            { min: other.max + 1, max: part.max },
          ].filter(({ min, max }) => min <= max)
        : [part],
    );
  }
  const size = ({ min, max }: Numbers) => max - min;
  const [largest] = parts.sort((one, other) => size(other) - size(one));
  return largest ?? { min: 400_000, max: 499_999 };
}

/** Users and groups of this host itself: those of the site are elsewhere in the Name Service Switch. */
const LOCAL = [
  { file: '/etc/passwd', number: 'uid', mend: 'usermod -u UID' },
  { file: '/etc/group', number: 'gid', mend: 'groupmod -g GID' },
] as const;

function localsIn({ min, max }: Numbers): string[] {
  return LOCAL.flatMap(({ file, number, mend }) =>
    fieldsOf(file)
      .filter(([, , id = '']) => Number(id) >= min && Number(id) <= max)
      .map(([name = '', , id = '']) => {
        const shown = printable(name);
        return `${shown} in ${file} has the ${number} ${id}. Mend it with: ${mend} ${shown}`;
      }),
  );
}

/** Names that other programs take for something else. */
const MISTAKEN: readonly (readonly [examples: readonly string[], what: string])[] = [
  [
    ['0', '7', '42', '1000', '20001', '1234567', '12345678', '20912345'],
    'digits alone, which chown and others take for a uid',
  ],
  [['-', '--', '-r', '-rf', '-abc', '-1', '-a1'], 'a - first, which programs take for an option'],
  [
    ['A', 'Alice', 'ALICE', 'aLICE', 'alicE', 'Alice1', 'A1', 'ABC123'],
    'capitals, though the directory and mail do not tell them from small letters',
  ],
  [
    ['.', '..', '...', 'a/b', '/', 'a:b', 'a b', 'a@b', 'a,b', 'a;b', 'a$b', 'a*', 'a"b', "a'b"],
    'characters that have a meaning in paths, files of the system, addresses or the shell',
  ],
];

/** As mount(8) and the kernel call them, of ext4 and of XFS. */
const WITH_QUOTA = /^(?:usrquota|uquota|quota|uqnoenforce|usrjquota=.+)$/;

/**
 * Deployed sites have their quotas set at each sign-up: whether homes are where quotas are, and
 * nothing sets any.
 * @param mounts proc(5) mounts
 */
export function adviceOnQuota(
  homes: readonly string[],
  quotaCommand: readonly string[] | undefined,
  mounts = fieldsIn('/proc/self/mounts', ' '),
): string[] {
  if (quotaCommand !== undefined) return [];
  const folders = homes.filter((home) => {
    const above = mounts.filter(([, folder = '']) =>
      `${home}/`.startsWith(folder === '/' ? '/' : `${folder}/`),
    );
    const mounted = above.sort(([, one = ''], [, other = '']) => other.length - one.length)[0];
    return mounted?.[3]?.split(',').some((option) => WITH_QUOTA.test(option)) === true;
  });
  if (folders.length === 0) return [];
  return [
    `${[...new Set(folders)].join(' and ')}: the file system has quotas, but new accounts get none. ` +
      'Mend it in ceod.cf with: quota_command = setquota -a -p {prototype} {uid}',
  ];
}

/** What is to be told of accounts.cf. */
export function adviceOn({ settings, where }: Loaded<typeof accountsTable>): string[] {
  const { memberMinId, memberMaxId, clubMinId, clubMaxId, usernameRegex } = settings;
  const onRange = (kind: 'member' | 'club', numbers: Numbers): string[] => {
    const ids = `${where(`${kind}_min_id`)}: the ids of ${kind}s, ${range(numbers)}, are others'`;
    const found = othersIn(numbers);
    if (found === undefined) return localsIn(numbers).map((local) => `${ids} as well: ${local}`);
    const { min, max } = own(numbers);
    return [
      `${ids} as well: ${found}. ` +
        `Mend it with: ${kind}_min_id = ${min}, ${kind}_max_id = ${max}; ` +
        `ceod does nothing for accounts outside of it, which must get other numbers first`,
    ];
  };
  const onNames = MISTAKEN.flatMap(([examples, what]) => {
    const example = examples.find((each) => usernameRegex.test(each));
    if (example === undefined) return [];
    return [
      `${where('username_regex')}: username_regex allows names such as ${printable(example)}: ${what}. ` +
        `Mend it with: username_regex = ^[a-z][-a-z0-9]*$`,
    ];
  });
  return [
    ...onRange('member', { min: memberMinId, max: memberMaxId }),
    ...onRange('club', { min: clubMinId, max: clubMaxId }),
    ...onNames,
  ];
}
