/** The menu and its wizards, as somebody at the keyboard uses them. */
import { ccache } from './realm.js';
import { Screen } from './tmux.js';

interface MenuOptions {
  readonly env?: Readonly<Record<string, string>>;
  readonly columns?: number;
  readonly rows?: number;
}

/** Opens the menu as a demo user. The screen is the caller's to close. */
export async function openMenu(
  user: string,
  { env = {}, ...size }: MenuOptions = {},
): Promise<Screen> {
  const screen = await Screen.start('ceo', { KRB5CCNAME: ccache(user), ...env }, size);
  try {
    // Before it is known what one may do, the order may change.
    await screen.shows(/What would you like to do\?(?![^]*Looking up)/);
  } catch (error) {
    await screen.close();
    throw error;
  }
  return screen;
}

/** Chooses an item of the menu by its first letter, and waits for its page. */
export async function choose(screen: Screen, item: string): Promise<void> {
  for (;;) {
    const before = selected(await screen.shows(/❯ \S/));
    if (before === item) break;
    await screen.type(item.charAt(0));
    await screen.shows(new RegExp(`❯ (?!${before}(?: {2}|$))`, 'm'));
  }
  await screen.press('Enter');
  await screen.shows(new RegExp(`^ {2}${item}(?: {2}|$)`, 'm'));
}

const selected = (text: string) => /❯ (.*?)(?: {2}|$)/m.exec(text)?.[1];

/** Waits until a field has the focus. @returns the whole screen */
export const focusIsOn = (screen: Screen, label: string): Promise<string> =>
  screen.shows(new RegExp(`❯ ${label}(?: {2}|$)`, 'm'));

/** Fills in the field that has, or gets, the focus; what was in it goes. */
export async function fill(screen: Screen, label: string, text: string): Promise<void> {
  await focusIsOn(screen, label);
  await screen.press('C-u');
  await screen.type(text);
}

/** The same, and Enter: to the next field or page. */
export async function enter(screen: Screen, label: string, text: string): Promise<void> {
  await fill(screen, label, text);
  await screen.press('Enter');
}

/** Leaves by Ctrl-C. @returns what the terminal shows then, exit status and all */
export async function leave(screen: Screen): Promise<string> {
  await screen.press('C-c');
  return screen.shows('exit status');
}
