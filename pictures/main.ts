/** Draws docs/pictures/: the main screens of `ceo`, inside a sandbox, each as a terminal shows it. */
import { mkdir, writeFile } from 'node:fs/promises';
import path from 'node:path';
import { checkout } from '../sandbox/checkout.js';
import { formatTerm, parseTerm, termOf, type Term } from '../src/directory/terms.js';
import { choose, enter, fill, focusIsOn, openMenu } from '../test/support/menu.js';
import { runAs, type DemoUser } from '../test/support/realm.js';
import type { Capture, Screen } from '../test/support/tmux.js';
import { drawTerminal } from './svg.js';

const FOLDER = path.join(checkout, 'docs', 'pictures');
const SIZE = { columns: 80, rows: 24 };

async function draw(screen: Screen, name: string, title: string): Promise<void> {
  const picture = drawTerminal(asEver(await screen.capture()), title, SIZE);
  await writeFile(path.join(FOLDER, `${name}.svg`), picture);
  console.log(`docs/pictures/${name}.svg`);
}

/** What differs from run to run or with the day becomes what it might have been. */
function asEver({ text, cursor }: Capture): Capture {
  const title = 'Club Electronic Office';
  const terms = (parseTerm('f2026') ?? 0) - termOf(new Date());
  return {
    text: text
      .replace(/(?:[A-Z][a-z]+ ){3} */, (before) => title.padEnd(before.length))
      .replace(/[wsf]\d{4}/g, (term) => formatTerm(((parseTerm(term) ?? 0) + terms) as Term)),
    cursor,
  };
}

/** Opens the menu, does something with it, and closes it. */
async function withMenu(user: DemoUser, act: (screen: Screen) => Promise<void>): Promise<void> {
  const screen = await openMenu(user, { ...SIZE });
  try {
    // What the user may not do is known by now.
    await screen.shows('not for you');
    await act(screen);
  } finally {
    await screen.close();
  }
}

async function help(screen: Screen): Promise<void> {
  await screen.press('?');
  await screen.shows('any key');
  await draw(screen, 'help', 'The keys that work everywhere');
  await screen.press('Escape');
}

async function signUp(screen: Screen): Promise<void> {
  await choose(screen, 'New Member');
  await enter(screen, 'Username', 'ctdalek');
  await screen.shows('There is an account');
  await draw(screen, 'wrong-input', 'New Member: the username is taken, and may be typed anew');

  await fill(screen, 'Username', 'new');
  await screen.press('Tab');
  await screen.shows('newstudent');
  await screen.press('Enter');
  await screen.shows('As the university has it.');
  await draw(screen, 'new-member', 'New Member: name and program, filled in from the university');

  await screen.press('Enter', 'Enter');
  await enter(screen, 'Forward mail to', 'new@example.org');
  await enter(screen, 'Phone', '519 555 0100');
  await focusIsOn(screen, 'Terms');
  await screen.press('Right', 'Enter');
  await password(screen, 'short');
  await draw(screen, 'review', 'New Member: what is about to be done');

  await screen.press('Enter');
  await screen.shows('try again');
  await draw(screen, 'error', 'New Member: what failed, and that nothing was changed');

  await screen.press('Escape');
  await password(screen, 'long-enough-now');
  await screen.press('Enter');
  await screen.shows('is ready');
  await draw(screen, 'done', 'New Member: each step that was done');
  await screen.press('Enter');
}

/** Types it twice, and waits for the review. */
async function password(screen: Screen, text: string): Promise<void> {
  await enter(screen, 'Password', text);
  await enter(screen, 'Once more', text);
  await screen.shows('Nothing has happened yet.');
}

async function searchMembers(screen: Screen): Promise<void> {
  await choose(screen, 'Search Members');
  await focusIsOn(screen, 'Term');
  await screen.press('Enter', 'Enter', 'Enter', 'Enter');
  await screen.shows('Calum T. Dalek');
  await screen.press('/');
  await screen.type('math');
  await screen.shows(/\/ math +2 of/);
  await draw(screen, 'search', 'Search Members: the result, filtered');
  await screen.press('Escape');
  await screen.shows('mailu09');
  await screen.press('Escape');
  await focusIsOn(screen, 'Group');
  await screen.press('Escape');
  await screen.shows('What would you like to do?');
}

async function checkOut(screen: Screen, isbn: string): Promise<void> {
  await choose(screen, 'Library');
  await choose(screen, 'Check Out');
  await enter(screen, 'Book', isbn);
  await screen.shows('of 2 here');
  await fill(screen, 'Username', 'new');
  await screen.press('Tab');
  await screen.shows('newstudent');
  await draw(screen, 'library', 'Library: who takes the book');
}

async function buy(isbn: string): Promise<void> {
  const { status, stderr } = await runAs('ctdalek', [
    ...(['ceo', 'library', 'add', isbn, '--copies', '2'] as const),
    ...['--title', 'Introduction to Algorithms', '--author', 'Thomas H. Cormen'],
    ...['--publisher', 'MIT Press', '--year', '2009'],
  ]);
  if (status !== 0) throw new Error(stderr);
}

const ISBN = '9780262033848';
await mkdir(FOLDER, { recursive: true });
await buy(ISBN);
await withMenu('ctdalek', async (screen) => {
  await draw(screen, 'menu', 'The menu of ceo, as the office staff see it');
  await help(screen);
  await signUp(screen);
  await searchMembers(screen);
  await checkOut(screen, ISBN);
});
await withMenu('nobody1', (screen) =>
  draw(screen, 'menu-member', 'The menu of ceo, as members see it'),
);
