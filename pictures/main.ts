/** Draws docs/pictures/: the main screens of `ceo`, inside a sandbox, each as a terminal shows it. */
import { mkdir, writeFile } from 'node:fs/promises';
import path from 'node:path';
import { checkout } from '../sandbox/checkout.js';
import { formatTerm, parseTerm, termOf, type Term } from '../src/directory/terms.js';
import { ccache, runAs, type DemoUser } from '../test/support/realm.js';
import { Screen, type Capture } from '../test/support/tmux.js';
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

/** Opens ceo, does something with it, and closes it. */
async function withCeo(user: DemoUser, act: (screen: Screen) => Promise<void>): Promise<void> {
  const environment = { KRB5CCNAME: ccache(user), NO_COLOR: '' };
  const screen = await Screen.start('ceo', environment, SIZE);
  try {
    // What the user may not do is known by now.
    await screen.shows('not for you');
    await act(screen);
  } finally {
    await screen.close();
  }
}

/** Types into the line that has the cursor, in place of what is there. */
async function answer(screen: Screen, text: string): Promise<void> {
  await screen.press('C-u');
  await screen.type(text);
  await screen.press('Enter');
}

async function signUp(screen: Screen): Promise<void> {
  await screen.press('Enter');
  await screen.shows('Which username?');
  await answer(screen, 'ctdalek');
  await screen.shows('There is an account');
  await draw(screen, 'wrong-input', 'New Member: the username is taken, and may be typed anew');

  await screen.press('C-u');
  await screen.type('new');
  await screen.press('Tab');
  await screen.shows('newstudent');
  await screen.press('Enter');
  await screen.shows('As the university has it.');
  await draw(screen, 'new-member', 'New Member: name and program, filled in from the university');

  await screen.press('Enter', 'Enter');
  await screen.type('new@example.org');
  await screen.press('Enter');
  await screen.shows('For how long?');
  await screen.press('Right', 'Enter');
  await password(screen, 'short');
  await draw(screen, 'review', 'New Member: what is about to be done');

  await screen.press('Enter');
  await screen.shows('try again');
  await draw(screen, 'error', 'New Member: an error, and that nothing was changed');

  await screen.press('Escape');
  await password(screen, 'long-enough-now');
  await screen.press('Enter');
  await screen.shows('is ready');
  await draw(screen, 'done', 'New Member: each step that was done');
  await screen.press('Enter');
}

/** Types it twice, and waits for the review. */
async function password(screen: Screen, text: string): Promise<void> {
  await screen.shows('Let them type a password.');
  await answer(screen, text);
  await answer(screen, text);
  await screen.shows('Nothing has happened yet.');
}

async function searchMembers(screen: Screen): Promise<void> {
  await screen.shows('What would you like to do?');
  await screen.press('s', 'Enter');
  await screen.shows('Who is looked for?');
  await screen.press('Enter', 'Enter', 'Enter');
  await screen.shows('Calum T. Dalek');
  await screen.press('/');
  await screen.shows('words to look for');
  await screen.type('math');
  await screen.shows('2 of');
  await draw(screen, 'search', 'Search Members: the result, filtered');
  await screen.press('Escape');
  await screen.shows('mailu09');
  await screen.press('Escape');
  await screen.shows('Who is looked for?');
  await screen.press('Escape');
}

async function checkOut(screen: Screen, isbn: string): Promise<void> {
  await screen.shows('What would you like to do?');
  await screen.press('l', 'Enter');
  await screen.shows('Books come and go');
  await screen.press('Enter');
  await screen.shows('Which book?');
  await answer(screen, isbn);
  await screen.shows('of 2 here');
  await screen.type('newstudent');
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
await withCeo('ctdalek', async (screen) => {
  await draw(screen, 'menu', 'The menu of ceo, as the office staff see it');
  await screen.press('?');
  await screen.shows('any key');
  await draw(screen, 'help', 'The keys that work everywhere');
  await screen.press('Escape');
  await screen.shows('What would you like to do?');
  await signUp(screen);
  await searchMembers(screen);
  await checkOut(screen, ISBN);
});
await withCeo('nobody1', (screen) =>
  draw(screen, 'menu-member', 'The menu of ceo, as members see it'),
);
