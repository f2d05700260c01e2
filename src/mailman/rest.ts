/** Mailman 3's REST interface (docs.mailman3.org), asked as its administrator. */
import { bodyText } from '../httpBody.js';

export interface Mailman3Options {
  /** Of the REST interface, such as `http://localhost:8001/3.1`. */
  readonly url: string;
  readonly username: string;
  readonly password: string;
  readonly timeoutMs: number;
}

/** Far more than Mailman says. */
const MAX_BYTES = 1 << 16;

/** Asks for a resource; with fields, posts them. @throws what fetch() and bodyText() throw */
export type Send = (
  resource: string,
  fields?: Readonly<Record<string, string>>,
) => Promise<{ readonly status: number; readonly text: string }>;

/** All that is sent by it has timeoutMs together. */
export function restInterface({ url, username, password, timeoutMs }: Mailman3Options): Send {
  const authorization = `Basic ${Buffer.from(`${username}:${password}`).toString('base64')}`;
  const signal = AbortSignal.timeout(timeoutMs);
  return async (resource, fields) => {
    const response = await fetch(`${url}/${resource}`, {
      headers: { authorization },
      ...(fields !== undefined && { method: 'POST', body: new URLSearchParams(fields) }),
      redirect: 'error',
      signal,
    });
    return { status: response.status, text: await bodyText(response, MAX_BYTES) };
  };
}
