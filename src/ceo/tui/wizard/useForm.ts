/** Filling in a form: where the focus is, what is wrong, what a key does. */
import { useEffect, useRef, useState } from 'react';
import { CeoError, messageOf } from '../../../errors.js';
import type { Key } from '../keyboard.js';
import { editLine, lineOf, type Line } from '../lineEditor.js';
import { act, useStage, type KeyUse } from '../stage.js';
import { completeLine } from './completion.js';
import type { Field, FormStep, Values } from './wizard.js';

export interface FormProps<V extends Values> {
  readonly step: FormStep<V>;
  readonly values: V;
  /** What was typed: the text of one field. */
  readonly onType: (name: keyof V & string, text: string) => void;
  readonly onNext: () => void;
  readonly onBack: () => void;
}

/** What is wrong with a field. */
interface Finding {
  readonly field: number;
  readonly text: string;
}

export interface Form<V extends Values> {
  readonly fields: readonly Field<V>[];
  /** What has the focus: the number of a field, or one of the buttons behind them. */
  readonly focus: number;
  readonly next: number;
  readonly back: number;
  /** The field with the focus, and what is in it. */
  readonly field: Field<V> | undefined;
  readonly line: Line;
  readonly finding: Finding | undefined;
  /** What the line could be completed to. */
  readonly offered: readonly string[];
  /** What is waited for. */
  readonly busy: string | undefined;
  readonly onKey: (key: Key) => KeyUse;
}

export function useForm<V extends Values>(props: FormProps<V>): Form<V> {
  const { step, values, onType, onNext, onBack } = props;
  const fields = typeof step.fields === 'function' ? step.fields(values) : step.fields;
  const { context, reconnect } = useStage();
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
      return explained(error);
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

  const proceedToNext = () => proceed(0, fields.length - 1, onNext);

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
      if (focus === fields.length - 1) return act(() => void proceedToNext());
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
    if (key.name === 'return') return act(() => (focus === NEXT ? void proceedToNext() : onBack()));
    if (key.name === 'tab' || key.name === 'down') return focusOn(focus + 1);
    if (key.name === 'left' || key.name === 'right') return focusOn(focus === NEXT ? BACK : NEXT);
    return 'unused';
  }

  return { fields, focus, next: NEXT, back: BACK, field, line, finding, offered, busy, onKey };
}

/** With what to do about it, if that is known. */
const explained = (error: unknown): string =>
  error instanceof CeoError && error.next !== undefined
    ? `${error.message} ${error.next}`
    : messageOf(error);

export const isOptional = <V extends Values>({ optional }: Field<V>, values: V): boolean =>
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
