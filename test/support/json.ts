/** An op through ceoc as a demo user, in JSON. */
import { runAs } from './realm.js';

export interface JsonReply {
  readonly status: number | null;
  readonly stderr: string;
  readonly messages: readonly { readonly status: number; readonly message: string }[];
  readonly [field: string]: unknown;
}

/** @param env of the client, such as the configuration of a host of the test's own */
export async function send(
  user: string,
  op: string,
  request: object,
  env: Record<string, string> = {},
): Promise<JsonReply> {
  const input = JSON.stringify(request);
  const { status, stdout, stderr } = await runAs(user, ['ceoc', op, '--json'], { input, env });
  const response = (stdout === '' ? {} : JSON.parse(stdout)) as Record<string, unknown>;
  return { messages: [], ...response, status, stderr };
}
