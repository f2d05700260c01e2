/**
 * Security contexts as an honest peer does not make them: without a flag, for a ticket of seconds,
 * with tokens that are not encrypted. src/gssapi/ can do nothing of that, so that nothing of ours
 * ever does. What is allocated here goes with the process, which is short.
 */
import koffi from 'koffi';
import { GssError } from '../src/gssapi/error.js';
import * as ffi from '../src/gssapi/ffi.js';
import { MAX_BODY_LENGTH } from '../src/wire/frame.js';

const lib = koffi.load('libgssapi_krb5.so.2');
const BufferDesc = koffi.struct({ length: 'size_t', value: 'void *' });
const OidDesc = koffi.struct({ length: 'uint32_t', elements: 'void *' });
const inBuffer = koffi.pointer(BufferDesc);
const outBuffer = koffi.out(koffi.pointer(BufferDesc));
const handle = 'void *';
const inoutHandle = koffi.inout(koffi.pointer(handle));
const outU32 = koffi.out(koffi.pointer('uint32_t'));
const outInt = koffi.out(koffi.pointer('int'));

const setCredOption = lib.func('gss_set_cred_option', 'uint32_t', [
  ...[outU32, inoutHandle, koffi.pointer(OidDesc), inBuffer],
]);
const initSecContext = lib.func('gss_init_sec_context', 'uint32_t', [
  ...[outU32, handle, inoutHandle, handle, handle, 'uint32_t', 'uint32_t', handle],
  ...[inBuffer, handle, outBuffer, outU32, outU32],
]);
const wrap = lib.func('gss_wrap', 'uint32_t', [
  ...[outU32, handle, 'int', 'uint32_t', inBuffer, outInt, outBuffer],
]);

const mechKrb5 = koffi.decode(lib.symbol('gss_mech_krb5'), handle) as ffi.Handle;
/** GSS_KRB5_CRED_NO_CI_FLAGS_X: MIT sets conf and integ for an initiator unless told by this. */
const NO_CI_FLAGS = Buffer.from('2a85702b0d1d', 'hex');

/** Flags of a context by their names in docs/protocol.md §3; RFC 2744 §5.19. */
const FLAGS = { mutual: 2, replay: 4, sequence: 8, confidentiality: 16, integrity: 32 };
export type Flag = keyof typeof FLAGS;

export const ALL_FLAGS = Object.keys(FLAGS) as readonly Flag[];
export const REQUIRED_FLAGS: readonly Flag[] = ['mutual', 'confidentiality', 'integrity'];

const bitsOf = (flags: readonly Flag[]) => flags.reduce((bits, flag) => bits | FLAGS[flag], 0);

const COMPLETE = 0;
const CONTINUE_NEEDED = 1;

const input = (bytes: Uint8Array) => ({ length: bytes.length, value: bytes });
const output = () => ({ length: 0 as number | bigint, value: null as unknown });

function bytesOf({ length, value }: ReturnType<typeof output>): Buffer {
  if (Number(length) === 0) return Buffer.alloc(0);
  return Buffer.from(koffi.decode(value, koffi.array('uint8_t', Number(length))) as Uint8Array);
}

/** A complete context. */
export class Context {
  constructor(
    private readonly handle: ffi.Handle,
    private readonly flags: number,
  ) {}

  /** Which of these it is without. */
  without(flags: readonly Flag[]): Flag[] {
    return flags.filter((flag) => (this.flags & FLAGS[flag]) === 0);
  }

  /** @throws GssError */
  wrap(plaintext: Uint8Array, confidential = true): Buffer {
    const minor = [0];
    const token = output();
    const request = confidential ? 1 : 0;
    const major = wrap(minor, this.handle, request, 0, input(plaintext), [0], token) as number;
    if (major !== COMPLETE) throw new GssError('gss_wrap', { major, minor: minor[0] ?? 0 });
    return bytesOf(token);
  }

  /** @throws GssError also for a token that is repeated, or not the next */
  unwrap(token: Uint8Array): { plaintext: Buffer; confidential: boolean } {
    const result = ffi.unwrap(this.handle, token);
    if (result.major !== COMPLETE) throw new GssError('gss_unwrap', result);
    return result;
  }

  /** The longest plaintext whose token fits a frame. */
  get limit(): number {
    return ffi.wrapSizeLimit(this.handle, MAX_BODY_LENGTH).limit;
  }
}

/** What one token led to, as src/gssapi/context.ts says it. */
interface Step {
  readonly token: Buffer | undefined;
  readonly context: Context | undefined;
}

function step(call: string, result: ffi.ContextStep): Step {
  if (result.major !== COMPLETE && result.major !== CONTINUE_NEEDED)
    throw new GssError(call, result);
  return {
    token: result.token.length > 0 ? result.token : undefined,
    context: result.major === COMPLETE ? new Context(result.context, result.flags) : undefined,
  };
}

export interface Asked {
  readonly flags?: readonly Flag[];
  /** How long the ticket is to be good for; 0: as long as may be. */
  readonly seconds?: number;
}

/** The client's side of a handshake, with the default credential cache. */
export class Initiator {
  private readonly target: ffi.Handle;
  private readonly credential: ffi.Handle;
  private context: ffi.Handle = null;
  private readonly flags: number;
  private readonly seconds: number;

  /** @throws GssError if there is no ticket */
  constructor(service: string, { flags = ALL_FLAGS, seconds = 0 }: Asked = {}) {
    this.target = ffi.importHostbasedName(service).name;
    const { credential, ...status } = ffi.acquireCredential('initiate', null);
    if (status.major !== COMPLETE) throw new GssError('gss_acquire_cred', status);
    const oid = { length: NO_CI_FLAGS.length, elements: NO_CI_FLAGS };
    const holder = [credential];
    setCredOption([0], holder, oid, input(Buffer.alloc(0)));
    this.credential = holder[0] ?? null;
    this.flags = bitsOf(flags);
    this.seconds = seconds;
  }

  /** @throws GssError */
  step(received: Uint8Array = Buffer.alloc(0)): Step {
    const minor = [0];
    const context = [this.context];
    const token = output();
    const flags = [0];
    const major = initSecContext(
      ...[minor, this.credential, context, this.target, mechKrb5, this.flags, this.seconds, null],
      ...[input(received), null, token, flags, [0]],
    ) as number;
    this.context = context[0] ?? null;
    return step('gss_init_sec_context', {
      major,
      minor: minor[0] ?? 0,
      context: this.context,
      token: bytesOf(token),
      flags: flags[0] ?? 0,
    });
  }
}

/** The server's side of a handshake that is complete after one token. @throws GssError */
export const accept = (credential: ffi.Handle, token: Uint8Array): Step =>
  step('gss_accept_sec_context', ffi.acceptSecContext(null, credential, token));
