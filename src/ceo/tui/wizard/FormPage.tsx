/** A page of a wizard with fields to fill in. */
import { Box } from 'ink';
import { useEffect, useRef, useState, type ReactElement } from 'react';
import { messageOf } from '../../../errors.js';
import { Page, type KeyHint } from '../components/Page.js';
import { labelWidth } from '../components/Rows.js';
import { Text } from '../components/Text.js';
import { TextField } from '../components/TextField.js';
import { Waiting } from '../components/Waiting.js';
import type { Key } from '../keyboard.js';
import { editLine, lineOf, type Line } from '../lineEditor.js';
import { act, useShell, type KeyUse } from '../shell.js';
import { ACCENT, FAILURE, POINTER } from '../theme.js';
import { completeLine } from './completion.js';
import type { Field, FormStep, Values } from './wizard.js';

interface FormPageProps<V extends Values> {
  readonly title: string;
  readonly step: FormStep<V>;
  readonly position: string;
  readonly values: V;
  readonly notes: readonly string[];
  /** What was typed: the text of one field. */
  readonly onType: (name: keyof V & string, text: string) => void;
  readonly onNext: () => void;
  readonly onBack: () => void;
}

/** What a field is told, or asked for. */
interface Finding {
  readonly field: number;
  readonly text: string;
}

export function FormPage<V extends Values>(props: FormPageProps<V>): ReactElement {
  const { title, step, position, values, notes, onType, onNext, onBack } = props;
  const fields = typeof step.fields === 'function' ? step.fields(values) : step.fields;
  const { context, columns, reconnect } = useShell();
  const [focus, setFocus] = useState(0);
  const [cursor, setCursor] = useState(Infinity);
  const [finding, setFinding] = useState<Finding>();
  const [offered, setOffered] = useState<readonly string[]>([]);
  const [busy, setBusy] = useState<string>();
  const giveUp = useRef<() => void>(undefined);
  useEffect(() => () => giveUp.current?.(), []);

  const NEXT = fields.length;
  const BACK = fields.length + 1;
  const field = fields[focus];
  const line: Line = lineAt(field === undefined ? '' : (values[field.name] ?? ''), cursor);

  const focusOn = (to: number): KeyUse => {
    setFocus((to + fields.length + 2) % (fields.length + 2));
    setCursor(Infinity);
    setOffered([]);
    return 'used';
  };

  const type = (each: Field<V>, edited: Line): KeyUse => {
    onType(each.name, edited.text);
    setCursor(edited.cursor);
    if (edited.text !== line.text) setFinding(undefined);
    setOffered([]);
    return 'used';
  };

  /** Does something that may take a while. @returns undefined if Esc gave it up */
  async function wait<T>(what: string, work: Promise<T>): Promise<T | undefined> {
    const givenUp = new Promise<undefined>((resolve) => {
      giveUp.current = () => resolve(undefined);
    });
    setBusy(what);
    try {
      return await Promise.race([work, givenUp]);
    } finally {
      setBusy(undefined);
    }
  }

  /** What is wrong with one field. */
  async function problemOf(index: number): Promise<string | undefined> {
    const each = fields[index];
    if (each === undefined) return undefined;
    const value = values[each.name] ?? '';
    // A password may be of blanks.
    if ((each.secret ? value : value.trim()) === '') {
      return isOptional(each, values) ? undefined : 'This is needed.';
    }
    if (each.range !== undefined && !isWithin(value, each.range)) {
      return `A whole number from ${each.range[0]} to ${each.range[1]} is needed.`;
    }
    try {
      return await each.check?.(value, values, context);
    } catch (error) {
      await reconnect();
      return messageOf(error);
    }
  }

  /** Goes on from a field, or stays and says why. */
  async function proceed(from: number, to: number, then: () => void): Promise<void> {
    for (let index = from; index <= to; index += 1) {
      const found = await wait(
        'Looking',
        problemOf(index).then((text) => ({ text })),
      );
      if (found === undefined) return;
      if (found.text !== undefined) {
        setFocus(index);
        setCursor(Infinity);
        setFinding({ field: index, text: found.text });
        return;
      }
    }
    setFinding(undefined);
    then();
  }

  const next = () => proceed(0, fields.length - 1, onNext);

  async function complete(each: Field<V>): Promise<void> {
    const completed = await wait('Looking', completeLine(each, line, context, values));
    if (completed === undefined) return;
    if (completed.line.text === line.text && completed.offered.length <= 1) {
      await proceed(focus, focus, () => focusOn(focus + 1));
      return;
    }
    type(each, completed.line);
    setOffered(completed.offered.length > 1 ? completed.offered : []);
  }

  function onKey(key: Key): KeyUse {
    if (busy !== undefined) {
      if (key.name !== 'escape') return 'later';
      giveUp.current?.();
      return 'used';
    }
    if (key.name === 'escape') return act(onBack);
    if (key.name === 'up' || (key.name === 'tab' && key.shift)) return focusOn(focus - 1);
    if (field === undefined) return onButtonKey(key);
    if (key.name === 'tab' && field.complete !== undefined && line.text.trim() !== '') {
      return act(() => void complete(field));
    }
    if (key.name === 'tab' || key.name === 'down') {
      if (line.text === '') return focusOn(focus + 1);
      return act(() => void proceed(focus, focus, () => focusOn(focus + 1)));
    }
    if (key.name === 'return') {
      if (focus === fields.length - 1) return act(() => void next());
      return act(() => void proceed(focus, focus, () => focusOn(focus + 1)));
    }
    const step = STEPS[key.name];
    if (field.range !== undefined && step !== undefined) {
      return type(field, lineOf(counted(line.text, step, field.range)));
    }
    const edited = editLine(line, key);
    return edited === undefined ? 'unused' : type(field, edited);
  }

  function onButtonKey(key: Key): KeyUse {
    if (key.name === 'return') return act(() => (focus === NEXT ? void next() : onBack()));
    if (key.name === 'tab' || key.name === 'down') return focusOn(focus + 1);
    if (key.name === 'left' || key.name === 'right') return focusOn(focus === NEXT ? BACK : NEXT);
    return 'unused';
  }

  const width = labelWidth(fields.map(({ label }) => label));
  const room = Math.min(60, columns - width - 10);
  return (
    <Page
      heading={title}
      position={position}
      keys={busy !== undefined ? BUSY_KEYS : keysFor(field, focus === BACK)}
      onKey={onKey}
    >
      <Text color={ACCENT}>{step.heading}</Text>
      <Box flexDirection="column" paddingTop={1}>
        {fields.map((each, index) => (
          <Box key={each.name} flexDirection="column">
            <Box columnGap={1}>
              <Text color={ACCENT}>{index === focus ? POINTER : ' '}</Text>
              <Box width={width} flexShrink={0} marginRight={1}>
                <Text bold={index === focus}>{each.label}</Text>
              </Box>
              <TextField
                line={index === focus ? line : lineOf(values[each.name] ?? '')}
                width={room}
                focused={index === focus && busy === undefined}
                secret={each.secret === true}
                placeholder={index !== focus && isOptional(each, values) ? 'none' : ''}
              />
            </Box>
            {finding?.field === index && (
              <Box paddingLeft={width + 4}>
                <Text color={FAILURE}>{`✗ ${finding.text}`}</Text>
              </Box>
            )}
            {index === focus && offered.length > 0 && (
              <Box paddingLeft={width + 4}>
                <Text dimColor>{offeredText(offered)}</Text>
              </Box>
            )}
          </Box>
        ))}
      </Box>
      <Box paddingTop={1} paddingLeft={2} columnGap={3}>
        <Button label="‹ Back" focused={focus === BACK} />
        <Button label="Next ›" focused={focus === NEXT} />
      </Box>
      <Box flexDirection="column" paddingTop={1} paddingLeft={2}>
        {busy !== undefined ? <Waiting what={busy} /> : <Hint field={field} values={values} />}
        {notes.map((note) => (
          <Text key={note}>{note}</Text>
        ))}
      </Box>
    </Page>
  );
}

function Hint<V extends Values>({
  field,
  values,
}: {
  readonly field: Field<V> | undefined;
  readonly values: V;
}): ReactElement | null {
  const hint = typeof field?.hint === 'function' ? field.hint(values) : field?.hint;
  return hint === undefined ? null : <Text dimColor>{hint}</Text>;
}

function Button({ label, focused }: { readonly label: string; readonly focused: boolean }) {
  return (
    <Box columnGap={1}>
      <Text color={ACCENT}>{focused ? POINTER : ' '}</Text>
      <Text bold={focused}>{label}</Text>
    </Box>
  );
}

const BUSY_KEYS: readonly KeyHint[] = [['Esc', 'stop waiting']];

function keysFor<V extends Values>(field: Field<V> | undefined, onBack: boolean): KeyHint[] {
  if (field === undefined) {
    return [
      ['Enter', onBack ? 'back' : 'next'],
      ['↑↓', 'fields'],
      ['Esc', 'back'],
    ];
  }
  return [
    ['Enter', 'next'],
    ...(field.complete === undefined ? [] : [['Tab', 'complete'] as const]),
    ...(field.range === undefined ? [] : [['←→', 'fewer, more'] as const]),
    ['↑↓', 'fields'],
    ['Esc', 'back'],
  ];
}

const isOptional = <V extends Values>({ optional }: Field<V>, values: V): boolean =>
  typeof optional === 'function' ? optional(values) : optional === true;

const lineAt = (text: string, cursor: number): Line => ({
  text,
  cursor: Math.min(cursor, text.length),
});

const STEPS: Readonly<Record<string, number>> = { left: -1, right: 1 };

const isWithin = (value: string, [least, most]: readonly [number, number]) =>
  /^\d{1,9}$/.test(value) && Number(value) >= least && Number(value) <= most;

function counted(text: string, step: number, [least, most]: readonly [number, number]): string {
  const from = /^\d{1,9}$/.test(text) ? Number(text) : least - step;
  return String(Math.max(least, Math.min(most, from + step)));
}

const OFFERED = 12;

const offeredText = (offered: readonly string[]) =>
  offered.slice(0, OFFERED).join('  ') + (offered.length > OFFERED ? '  …' : '');
