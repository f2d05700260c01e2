/** Promise: pages lie on top of each other, each key does what the page that is seen says, and nothing happens unseen. */
import { afterEach, beforeEach, describe, expect, jest, test } from '@jest/globals';
import { useEffect, type ReactElement } from 'react';
import { CeoError } from '../../../src/errors.js';
import { Menu } from '../../../src/ceo/tui/components/Menu.js';
import { Page } from '../../../src/ceo/tui/components/Page.js';
import { Problem } from '../../../src/ceo/tui/components/Problem.js';
import { Text } from '../../../src/ceo/tui/components/Text.js';
import { ListPage } from '../../../src/ceo/tui/components/ListPage.js';
import { useStage } from '../../../src/ceo/tui/stage.js';
import type { Wizard } from '../../../src/ceo/tui/wizard/wizard.js';
import { WizardScreen } from '../../../src/ceo/tui/wizard/WizardScreen.js';
import { openApp, type TestApp } from '../../support/app.js';
import { eventually } from '../../support/eventually.js';

let app: TestApp | undefined;
/** What React complains about. */
const complaints = jest.spyOn(console, 'error');

beforeEach(() => {
  complaints.mockClear();
});
afterEach(() => {
  app?.close();
  app = undefined;
  expect(complaints).not.toHaveBeenCalled();
});

/** A promise and what settles it. */
function later<T>() {
  let resolve: (value: T) => void = () => undefined;
  let reject: (error: unknown) => void = () => undefined;
  const promise = new Promise<T>((...settle) => ([resolve, reject] = settle));
  return { promise, resolve, reject };
}

/** Time for whatever was begun, and is not waiting for anything, to be done. */
async function turns(): Promise<void> {
  for (let turn = 0; turn < 50; turn += 1) await new Promise((resolve) => setImmediate(resolve));
}

const EMPTY = { name: '', secret: '', count: '1' };

type TestWizard = Wizard<typeof EMPTY>;

const wizard = (changes: Partial<TestWizard> = {}): TestWizard => ({
  title: 'Name a Thing',
  initial: EMPTY,
  changes: true,
  steps: [
    {
      heading: 'What is its name?',
      fields: [
        {
          name: 'name',
          label: 'Name',
          hint: 'Not more than it needs.',
          check: (name) => (name === 'wrong' ? 'That is no name.' : undefined),
          complete: (typed) =>
            Promise.resolve(['apple', 'apricot'].filter((each) => each.startsWith(typed))),
        },
        { name: 'secret', label: 'Secret', secret: true, optional: true },
        { name: 'count', label: 'How many', range: [1, 3] },
      ],
    },
  ],
  review: (values) => ({
    rows: [
      ['Name', values.name],
      ['How many', values.count],
    ],
    confirm: 'Name it',
  }),
  run: (values) => Promise.resolve({ lines: [{ mark: 'done', text: `Named ${values.name}.` }] }),
  ...changes,
});

function Start({ of }: { readonly of: TestWizard }): ReactElement {
  const { open } = useStage();
  return (
    <Menu
      heading="Start"
      columns={[
        [
          {
            name: 'First',
            items: [
              { name: 'Begin', about: 'Begins.', choose: () => open(<WizardScreen wizard={of} />) },
              { name: 'Another', about: 'Does nothing.', choose: () => undefined },
            ],
          },
        ],
        [
          {
            name: 'Second',
            locked: 'That is not for you.',
            items: [{ name: 'Closed', about: 'Locked.', choose: () => open(<Text>no</Text>) }],
          },
        ],
      ]}
      keys={[['Enter', 'choose']]}
      onEscape={() => undefined}
    />
  );
}

const start = (of: Partial<TestWizard> = {}, size = {}): TestApp =>
  (app = openApp(<Start of={wizard(of)} />, size));

const focused = (label: string) => new RegExp(`❯ ${label}(?: |$)`, 'm');

describe('the menu', () => {
  test('arrows, Tab, first letter, Home and End', async () => {
    const { press, type, shows } = start();
    await shows(focused('Begin'));
    press('Down');
    await shows(focused('Another'));
    press('Tab');
    await shows(focused('Closed'));
    press('Tab');
    await shows(focused('Begin'));
    press('BTab');
    await shows(focused('Closed'));
    press('Left');
    await shows(focused('Begin'));
    press('Right');
    await shows(focused('Closed'));
    press('Home');
    type('a');
    await shows(focused('Another'));
    press('End');
    await shows(focused('Closed'));
  });

  test('what is not for you is shown as such, and says why', async () => {
    const { press, shows } = start();
    await shows('Second · not for you');
    press('End', 'Enter');
    await shows('That is not for you.');
  });
});

describe('a wizard', () => {
  test('from the menu to what was done, and another one', async () => {
    const { press, type, shows, inHand } = start();
    press('Enter');
    const page = await shows('What is its name?');
    expect(page).toContain('1 of 2');
    expect(page).toContain('Not more than it needs.');
    type('thing');
    press('Enter', 'Enter', 'Enter');
    expect(await shows('Is this right?')).toMatch(/Name +thing/);
    expect(inHand).toEqual([]);
    press('Enter');
    await shows('✓ Named thing.');
    expect(inHand).toEqual(['Name a Thing', undefined]);
    press('a');
    await shows(/❯ Name\n/);
    press('Escape');
    await shows('Start');
  });

  test('typed ahead: no key is lost, and none confirms what was not seen', async () => {
    const { type, shows, inHand } = start();
    // Into the wizard, through its three fields, and far too many further.
    type('\rthing\r\r\r\r\r\r\r\r');
    await shows('Is this right?');
    expect(inHand).toEqual([]);
  });

  test('what is wrong is told at its field, with the focus on it and the text kept', async () => {
    const { press, type, shows } = start();
    press('Enter');
    await shows(focused('Name'));
    press('Enter');
    await shows('✗ This is needed.');
    type('wrong');
    press('Enter');
    expect(await shows('✗ That is no name.')).toMatch(/❯ Name +wrong/);
    press('C-u');
    type('right');
    press('Enter', 'Enter');
    await shows(focused('How many'));
    press('C-u');
    type('4');
    press('Enter');
    await shows('✗ A whole number from 1 to 3 is needed.');
    press('Left', 'Enter');
    expect(await shows('Is this right?')).toMatch(/How many +3/);
    // Back with what was typed.
    press('Escape');
    expect(await shows('What is its name?')).toMatch(/Name +right/);
  });

  test('Tab completes as much as all have in common', async () => {
    const { press, type, shows } = start();
    press('Enter');
    await shows(focused('Name'));
    type('a');
    press('Tab');
    expect(await shows('apple  apricot')).toMatch(/❯ Name +ap\n/);
    type('r');
    press('Tab');
    await shows(/❯ Name +apricot\n/);
  });

  test('a secret is never shown', async () => {
    const { press, type, shows } = start();
    press('Enter', 'Down');
    await shows(focused('Secret'));
    type('hunter2');
    expect(await shows('•••••••')).not.toContain('hunter2');
  });

  test('a check that does not end: Esc stops waiting, keys typed meanwhile are forgotten', async () => {
    const { promise } = later<undefined>();
    const { press, type, shows } = start({
      steps: [{ heading: 'Slow', fields: [{ name: 'name', label: 'Name', check: () => promise }] }],
    });
    press('Enter');
    await shows('Slow');
    type('thing\r');
    await shows('Looking');
    type('more\u001b');
    await shows(/Enter next/);
    // Esc once more goes back, to the menu.
    press('Escape');
    await shows('Start');
  });

  test('a page that is still looking: Esc goes back even if keys wait, and what comes late does nothing', async () => {
    const found = later<{ notes: string[] }>();
    const { press, type, shows, text } = start({
      steps: [
        {
          heading: 'Found out',
          load: { what: 'Asking', run: () => found.promise },
          fields: [{ name: 'name', label: 'Name' }],
        },
      ],
    });
    type('\rabc');
    await shows('Asking');
    press('Escape');
    await shows('Start');
    found.resolve({ notes: ['late'] });
    press('Enter');
    await shows('late');
    expect(text()).toMatch(/❯ Name\n/);
  });

  test('keys that were typed ahead arrive when the page can take them', async () => {
    const found = later<{ notes: string[] }>();
    const { type, shows } = start({
      steps: [
        {
          heading: 'Found out',
          load: { what: 'Asking', run: () => found.promise },
          fields: [{ name: 'name', label: 'Name' }],
        },
      ],
    });
    type('\rabc');
    await shows('Asking');
    found.resolve({ notes: [] });
    await shows(/❯ Name +abc\n/);
  });

  test('quickly to and fro', async () => {
    const { type, press, shows } = start();
    for (let round = 0; round < 10; round += 1) {
      press('Enter', 'x', 'Enter', 'Up', 'Down');
      type('\r\r');
      press('Escape', 'Escape');
      await shows(/Start|What is its name|Is this right/);
      for (let i = 0; i < 3; i += 1) press('Escape');
    }
    await shows(focused('Begin'));
  });

  test('while it works: Esc asks it to stop, and what came out is shown', async () => {
    const done = later<undefined>();
    let stopped = () => false;
    const { type, press, shows, inHand } = start({
      run: async (_values, task) => {
        task.begin('Doing the first part');
        stopped = () => task.stopped();
        await done.promise;
        return { lines: [{ mark: 'done', text: 'The first part.' }] };
      },
    });
    type('\rthing\r\r\r');
    await shows('Is this right?');
    press('Enter');
    await shows('Doing the first part');
    expect(stopped()).toBe(false);
    // Enter is meant for nothing that will be shown.
    press('Enter', 'Enter', 'Escape');
    await shows('what comes after it is left undone');
    expect(stopped()).toBe(true);
    expect(inHand).toEqual(['Name a Thing']);
    done.resolve(undefined);
    await shows('✓ The first part.');
    expect(inHand).toEqual(['Name a Thing', undefined]);
  });

  test('a failure: what, whether anything was changed, what next; and try again', async () => {
    let times = 0;
    const { type, press, shows, kept } = start({
      run: () => {
        times += 1;
        return times > 1
          ? Promise.resolve({ lines: [] })
          : Promise.reject(
              new CeoError('denied', 'You may not name things.', { next: 'Ask the namer.' }),
            );
      },
    });
    type('\rthing\r\r\r');
    await shows('Is this right?');
    press('Enter');
    const page = await shows('✗ You may not name things.');
    expect(page).toContain('Nothing was changed.');
    expect(page).toContain('Ask the namer.');
    await eventually(() => kept.length > 0);
    expect(kept).toEqual(['You may not name things.\nNothing was changed.\nAsk the namer.']);
    press('Enter');
    await shows('Enter done');
    expect(times).toBe(2);
  });
});

describe('connections', () => {
  function Looking({ work }: { readonly work: () => Promise<never> }): ReactElement {
    return <ListPage heading="Looking" columns={['A']} load={work} empty="None." />;
  }

  test('are renewed after a failure', async () => {
    const work = later<never>();
    app = openApp(<Looking work={() => work.promise} />);
    const close = jest.spyOn(app.context, 'close');
    work.reject(new CeoError('unreachable', 'Nobody is there.'));
    await app.shows('✗ Nobody is there.');
    expect(close).toHaveBeenCalledTimes(1);
  });

  test('are left alone by what fails beside a change that is under way', async () => {
    const work = later<never>();
    const change = later<{ lines: [] }>();
    const { promise } = work;
    function Both(): ReactElement {
      const { open } = useStage();
      useEffect(
        () => open(<WizardScreen wizard={wizard({ steps: [], run: () => change.promise })} />),
        [open],
      );
      return <Looking work={() => promise} />;
    }
    app = openApp(<Both />);
    await app.shows('Is this right?');
    const close = jest.spyOn(app.context, 'close');
    app.press('Enter');
    await app.shows('Beginning');
    work.reject(new CeoError('unreachable', 'Nobody is there.'));
    await eventually(() => app?.kept.includes('Nobody is there.') === true);
    expect(close).not.toHaveBeenCalled();
    change.resolve({ lines: [] });
    await app.shows('Enter done');
  });

  test('are left alone by what nobody waits for any more', async () => {
    const work = later<never>();
    function Opener(): ReactElement {
      const { open } = useStage();
      return (
        <Page
          heading="Below"
          keys={[]}
          onKey={() => {
            open(<Looking work={() => work.promise} />);
            return 'used';
          }}
        >
          <Text>.</Text>
        </Page>
      );
    }
    app = openApp(<Opener />);
    const close = jest.spyOn(app.context, 'close');
    app.press('x');
    await app.shows('Looking');
    app.press('Escape');
    await app.shows('Below');
    await turns();
    work.reject(new Error('late'));
    await work.promise.catch(() => undefined);
    await turns();
    expect(close).not.toHaveBeenCalled();
  });
});

describe('passwords in the middle of something', () => {
  test('are asked for on a page on top, never shown; then it goes on', async () => {
    const { asker, shows, type, press } = start();
    await shows('Start');
    const answer = asker.askSecret('Password of somebody:');
    await shows('Password of somebody:');
    type('hunter2');
    expect(await shows('•••••••')).not.toContain('hunter2');
    press('Enter');
    expect(await answer).toBe('hunter2');
    await shows('Start');
    // Nothing of it is left in the next question.
    const again = asker.askSecret('Once more:');
    expect(await shows('Once more:')).not.toContain('•');
    asker.note('That was wrong.');
    await shows('! That was wrong.');
    press('Escape');
    await expect(again).rejects.toMatchObject({ code: 'unauthenticated' });
    await shows('Start');
  });

  test('two at once are answered one after the other', async () => {
    const { asker, shows, type } = start();
    const first = asker.askSecret('First:');
    const second = asker.askSecret('Second:');
    await shows('Second:');
    type('2\r');
    expect(await second).toBe('2');
    await shows('First:');
    type('1\r');
    expect(await first).toBe('1');
    await shows('Start');
  });
});

describe('help', () => {
  test('by ? or F1; any key goes back to what was there', async () => {
    const { press, type, shows, cursor } = start();
    press('?');
    await shows('any key back');
    press('Enter');
    await shows('Start');
    type('\rhalf');
    await shows(/Name +half/);
    expect(cursor()).toBeDefined();
    // A field takes the question mark.
    press('?', 'F1');
    await shows('any key back');
    expect(cursor()).toBeUndefined();
    press('x');
    await shows(/Name +half\?\n/);
    expect(cursor()).toBeDefined();
  });

  test('while a page waits: what ends meanwhile is shown afterwards, without a cursor before', async () => {
    const found = later<{ notes: string[] }>();
    const { press, shows, cursor, text } = start({
      steps: [
        {
          heading: 'Found out',
          load: { what: 'Asking', run: () => found.promise },
          fields: [{ name: 'name', label: 'Name' }],
        },
      ],
    });
    press('Enter');
    await shows('Asking');
    press('F1');
    await shows('any key back');
    found.resolve({ notes: ['It is so.'] });
    await found.promise;
    await turns();
    expect(text()).toContain('any key back');
    expect(cursor()).toBeUndefined();
    press('x');
    await shows('It is so.');
    expect(cursor()).toBeDefined();
  });
});

describe('the size', () => {
  test('too small: it says so, keys do nothing, and nothing is lost', async () => {
    const { press, type, shows, resize, cursor, inHand, left } = start();
    type('\rhalf');
    await shows(/Name +half/);
    for (const [columns, rows] of [
      [79, 24],
      [80, 23],
      [10, 3],
      [1, 1],
    ] as const) {
      resize(columns, rows);
      if (columns > 10) await shows(/At least 80 columns and 24 rows are needed/);
      expect(cursor()).toBeUndefined();
      press('x', 'Enter', 'Tab');
      await turns();
    }
    resize(80, 24);
    await shows(/❯ Name +half\n/);
    press('Enter', 'Enter', 'Enter');
    await shows('Is this right?');
    resize(60, 20);
    await shows('At least');
    press('Enter');
    await turns();
    resize(120, 40);
    await shows('Is this right?');
    expect(inHand).toEqual([]);
    resize(20, 5);
    press('C-c');
    expect(left()).toBe(true);
  });

  test('a form below another page has no cursor, whatever the size becomes', async () => {
    const { asker, type, shows, resize, cursor, press } = start();
    type('\rhalf');
    await shows(/Name +half/);
    const answer = asker.askSecret('Password:');
    await shows('Password:');
    const there = cursor();
    resize(100, 30);
    await shows(/Password:/);
    expect(cursor()).toEqual(there);
    press('Enter');
    await answer;
  });
});

test('Ctrl-C and Ctrl-L wait for nothing, not even behind keys that do', async () => {
  const { type, press, shows, left, redrawn } = start({
    steps: [
      {
        heading: 'Never',
        load: { what: 'Asking', run: () => later<never>().promise },
        fields: [],
      },
    ],
  });
  type('\rabc');
  await shows('Asking');
  press('C-l', 'C-c');
  expect([redrawn(), left()]).toEqual([1, true]);
});

describe('what does not fit', () => {
  const words = Array.from({ length: 120 }, (_, index) => `word${index}`);

  test('long errors wrap without loss, with their mark, between heading and keys', async () => {
    const error = new CeoError('denied', words.join(' '), { next: 'x'.repeat(200) });
    app = openApp(
      <Page heading="Long" keys={[['Esc', 'back']]} onKey={() => 'unused'}>
        <Problem error={error} />
      </Page>,
    );
    const text = await app.shows('✗ word0');
    expect(text.match(/word\d+/g)).toEqual(words);
    expect(text.match(/x/g)).toHaveLength(200);
    expect(text.split('\n')).toHaveLength(24);
    expect(text.split('\n').at(-1)).toBe('  Esc back');
  });
});

test('control characters from elsewhere cannot steer the terminal', async () => {
  app = openApp(
    <Page heading={'a\u001b[2Jb'} keys={[['Esc', 'back']]} onKey={() => 'unused'}>
      <Text>{'name\u0007\u009b\u202e\nline'}</Text>
    </Page>,
  );
  const text = await app.shows('a\\u{1b}[2Jb');
  expect(text).toContain('name\\u{7}\\u{9b}\\u{202e}\\u{a}line');
});

describe('what does not fit on a page', () => {
  const many = Array.from({ length: 40 }, (_, index) => ({
    mark: 'done' as const,
    text: `change ${index} of 40`,
  }));
  const outcome = (problem?: CeoError) =>
    wizard({ steps: [], run: () => Promise.resolve({ lines: many, problem }) });

  test('is scrolled to, from the end on, where the problem is', async () => {
    app = openApp(<Start of={outcome(new CeoError('partly_failed', 'The last one failed.'))} />);
    app.press('Enter');
    await app.shows('Is this right?');
    app.press('Enter');
    const end = await app.shows('The last one failed.');
    expect(end).toContain('change 39 of 40');
    expect(end).not.toContain('change 0 of 40');
    expect(end).toContain('PgUp PgDn scroll');
    app.press('PageUp', 'PageUp', 'PageUp');
    const start = await app.shows('change 0 of 40');
    expect(start).not.toContain('The last one failed.');
    app.press('PageDown', 'PageDown', 'PageDown');
    await app.shows('The last one failed.');
  });

  test('is no matter where all of it fits', async () => {
    app = openApp(<Start of={outcome()} />, { columns: 80, rows: 60 });
    app.press('Enter');
    await app.shows('Is this right?');
    app.press('Enter');
    expect(await app.shows('change 39 of 40')).not.toContain('scroll');
  });
});
