/** The rules that the proto gives to fields of requests ((ceo.rule)), held against a request. */
import {
  getOption,
  hasOption,
  isFieldSet,
  type DescField,
  type DescMessage,
  type Message,
} from '@bufbuild/protobuf';
import { rule as ruleOption, Rule } from '../generated/ceo/op_pb.js';
import {
  asciiProblem,
  forwardProblem,
  isUsername,
  newUsernameProblem,
  passwordProblem,
  phoneProblem,
  textProblem,
} from '../rules.js';

/** What of the rules is the site's affair. */
export interface RuleSettings {
  readonly usernameRegex: RegExp;
  /** In characters. */
  readonly minPasswordLength: number;
}

type Problem = string | undefined;

const WORDS: Readonly<Record<Rule, string>> = {
  [Rule.NEW_USERNAME]: 'a new username, as username_regex has it',
  [Rule.LINE]: 'one line without ":"',
  [Rule.ASCII_LINE]: 'one line of ASCII without ":"',
  [Rule.PASSWORD]: 'at least min_password_length characters',
  [Rule.FORWARD]: 'one address, or empty',
  [Rule.USERNAME]: 'a username',
  [Rule.PHONE]: 'a phone number, or empty',
};

/** What a text must be, for people; undefined: anything. */
export const ruleOf = (field: DescField): string | undefined =>
  hasOption(field, ruleOption) ? WORDS[getOption(field, ruleOption)] : undefined;

const PROBLEMS: Readonly<Record<Rule, (text: string, settings: RuleSettings) => Problem>> = {
  [Rule.NEW_USERNAME]: (text, { usernameRegex }) => newUsernameProblem(text, usernameRegex),
  [Rule.LINE]: textProblem,
  [Rule.ASCII_LINE]: (text) => textProblem(text) ?? asciiProblem(text),
  [Rule.PASSWORD]: (text, { minPasswordLength }) => passwordProblem(text, minPasswordLength),
  [Rule.FORWARD]: forwardProblem,
  [Rule.PHONE]: (text) => (text === '' ? undefined : phoneProblem(text)),
  [Rule.USERNAME]: (text) => (isUsername(text) ? undefined : 'it is no username'),
};

/** What is wrong with a text, or nothing. */
export const ruleProblem = (rule: Rule, text: string, settings: RuleSettings): Problem =>
  PROBLEMS[rule](text, settings);

export interface FieldProblem {
  /** Its name in the proto. */
  readonly field: string;
  readonly problem: string;
}

/**
 * The first field that is there and breaks its rule.
 * @param ignored names of fields that this request has no use for
 */
export function firstFieldProblem(
  schema: DescMessage,
  request: Message,
  settings: RuleSettings,
  ignored: readonly string[] = [],
): FieldProblem | undefined {
  for (const field of schema.fields) {
    if (!hasOption(field, ruleOption) || !isFieldSet(request, field)) continue;
    if (ignored.includes(field.name)) continue;
    const text = (request as never)[field.localName] as string;
    const problem = ruleProblem(getOption(field, ruleOption), text, settings);
    if (problem !== undefined) return { field: field.name, problem };
  }
  return undefined;
}
