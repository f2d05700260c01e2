/** A page of a wizard with fields to fill in. */
import { Box } from 'ink';
import type { ReactElement } from 'react';
import { Page, type KeyHint } from '../components/Page.js';
import { labelWidth } from '../components/Rows.js';
import { Text } from '../components/Text.js';
import { TextField } from '../components/TextField.js';
import { Waiting } from '../components/Waiting.js';
import { lineOf } from '../lineEditor.js';
import { useStage } from '../stage.js';
import { ACCENT, FAILURE, POINTER } from '../theme.js';
import { isOptional, useForm, type FormProps } from './useForm.js';
import type { Field, Values } from './wizard.js';

interface FormPageProps<V extends Values> extends FormProps<V> {
  readonly title: string;
  readonly position: string;
  readonly notes: readonly string[];
}

export function FormPage<V extends Values>(props: FormPageProps<V>): ReactElement {
  const { title, step, position, values, notes } = props;
  const { columns } = useStage();
  const { fields, focus, next, back, field, line, finding, offered, busy, onKey } = useForm(props);

  const width = labelWidth(fields.map(({ label }) => label));
  const room = Math.min(60, columns - width - 10);
  return (
    <Page
      heading={title}
      position={position}
      keys={busy !== undefined ? BUSY_KEYS : keysFor(field, focus === back)}
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
        <Button label="‹ Back" focused={focus === back} />
        <Button label="Next ›" focused={focus === next} />
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

const OFFERED = 12;

const offeredText = (offered: readonly string[]) =>
  offered.slice(0, OFFERED).join('  ') + (offered.length > OFFERED ? '  …' : '');
