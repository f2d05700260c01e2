/** What there is to send, read off the descriptors: for people who write scripts. */
import { create, ScalarType, toJson, type DescField, type DescMessage } from '@bufbuild/protobuf';
import { FeatureSet_FieldPresence } from '@bufbuild/protobuf/wkt';
import { inHex } from '../config/routes.js';
import { BodyEncoding } from '../generated/ceo/op_pb.js';
import { ruleOf } from '../protocol/fieldRules.js';
import { allOps, type Op } from '../protocol/ops.js';
import { whoMay } from '../protocol/rights.js';
import { safeAgain } from './lookUp.js';
import { shellWord } from '../shellWord.js';

/** The ops in columns: name, request, response. */
export function listed(): string {
  const rows = allOps.map(({ name, input, output }) => [name, input.typeName, output.typeName]);
  const [width = 0, typeWidth = 0] = [0, 1].map((column) =>
    Math.max(...rows.map((row) => row[column]?.length ?? 0)),
  );
  return rows
    .map(
      ([name = '', input = '', output = '']) =>
        `${name.padEnd(width)}  ${input.padEnd(typeWidth)}  → ${output}`,
    )
    .join('\n');
}

/** An op or a message by its name, `ceo.AddUser` or `AddUser`; undefined if there is none. */
export function described(name: string): string | undefined {
  const op = allOps.find((each) => each.name === name);
  if (op !== undefined) return describedOp(op);
  const message = messages().find(({ typeName }) => [typeName, shortOf(typeName)].includes(name));
  return message && describedMessage(message);
}

/** Everything that `described` knows. */
export const describable = (): string[] => [
  ...allOps.map(({ name }) => name),
  ...messages().map(({ typeName }) => typeName),
];

/** The JSON of an op to fill in: every field of the request, those that may be left out as well. */
export function template(name: string): string | undefined {
  const op = allOps.find((each) => each.name === name);
  return op && requestOf(op.input);
}

function requestOf(schema: DescMessage): string {
  const values = schema.fields.map((field) => [field.localName, placeholder(field)] as const);
  return indented(toJson(schema, create(schema, Object.fromEntries(values) as never)));
}

// What is in it are names of the proto.
// eslint-disable-next-line no-restricted-syntax
const indented = (value: unknown) => JSON.stringify(value, undefined, 2);

function describedOp(op: Op): string {
  const { name, id, runAs, encoding, input, output } = op;
  return [
    `${name}, ${inHex(id)}: ${input.typeName} → ${output.typeName}`,
    `  run as    ${runAs}, on the host that ops/* gives it to`,
    `  who may   ${whoMay(op)}`,
    `  no reply  ${safeAgain(op.method) ?? 'Look whether it was done before you send it again.'}`,
    `  body      ${encoding === BodyEncoding.TEXT ? 'plain text, field 1; JSON with --json' : 'protobuf; JSON with --json'}`,
    '',
    describedMessage(input),
    '',
    describedMessage(output),
    '',
    'Example:',
    `  echo ${shellWord(toOneLine(requestOf(input)))} | ceoc ${name} --json`,
  ].join('\n');
}

const toOneLine = (json: string) => json.replace(/\s*\n\s*/g, ' ');

function describedMessage(message: DescMessage): string {
  const rows = message.fields.map((field) => [
    labelOf(field),
    typeOf(field),
    field.name,
    `= ${field.number}${remarkOn(field)}`,
  ]);
  const widths = [0, 1, 2].map((column) =>
    Math.max(...rows.map((row) => row[column]?.length ?? 0)),
  );
  const lines = rows.map((row) =>
    row.map((cell, column) => cell.padEnd(widths[column] ?? 0)).join(' '),
  );
  return [message.typeName, ...lines.map((line) => `  ${line}`.trimEnd())].join('\n');
}

function remarkOn(field: DescField): string {
  const remarks = [
    ruleOf(field),
    field.proto.options?.debugRedact === true ? 'secret: never logged' : undefined,
  ].filter((remark) => remark !== undefined);
  return remarks.length === 0 ? '' : `  (${remarks.join('; ')})`;
}

function labelOf(field: DescField): string {
  if (field.fieldKind === 'list') return 'repeated';
  return field.presence === FeatureSet_FieldPresence.LEGACY_REQUIRED ? 'required' : 'optional';
}

/** As proto has it; of an enumeration with its values. */
function typeOf(field: DescField): string {
  if (field.message !== undefined) return field.message.typeName;
  if (field.enum !== undefined) return field.enum.values.map(({ name }) => name).join(' | ');
  return SCALARS.get(field.scalar) ?? 'bytes';
}

/** By ScalarType: the types that the proto uses. */
const SCALARS = new Map<ScalarType | undefined, string>([
  [ScalarType.INT32, 'int32'],
  [ScalarType.BOOL, 'bool'],
  [ScalarType.STRING, 'string'],
]);

function placeholder(field: DescField): unknown {
  if (field.enum !== undefined) return field.enum.values[0]?.number;
  if (field.scalar === ScalarType.BOOL) return false;
  return field.scalar === ScalarType.STRING ? (EXAMPLES[field.name] ?? '') : 0;
}

const EXAMPLES: Readonly<Record<string, string>> = {
  username: 'alice',
  password: 'a-good-password',
  realname: 'Alice Liddell',
  program: 'MATH Computer Science',
  email: 'alice@example.org',
  forward: 'alice@example.org',
};

const shortOf = (typeName: string) => typeName.replace(/^.*\./, '');

/** Of all requests and responses, and what is in them. */
function messages(): DescMessage[] {
  const all = new Set<DescMessage>();
  const add = (message: DescMessage) => {
    if (all.has(message)) return;
    all.add(message);
    for (const { message: inner } of message.fields) if (inner !== undefined) add(inner);
  };
  for (const { input, output } of allOps) for (const message of [input, output]) add(message);
  return [...all];
}
