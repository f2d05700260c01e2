/**
 * libgssapi_krb5 through the FFI: the one file that knows its C. Everything here
 * copies what the library returns and releases it before returning.
 *
 * Types are left unnamed because the FFI's type names are process-wide.
 */
import koffi, { type KoffiFunc, type TypeObject } from 'koffi';
import { libc } from '../process/libc.js';

const lib = koffi.load('libgssapi_krb5.so.2');

const BufferDesc = koffi.struct({ length: 'size_t', value: 'void *' });
const inBuffer = koffi.pointer(BufferDesc);
const outBuffer = koffi.out(koffi.pointer(BufferDesc));
const BufferSetDesc = koffi.struct({ count: 'size_t', elements: koffi.pointer(BufferDesc) });
const OidDesc = koffi.struct({ length: 'uint32_t', elements: 'void *' });
const inOid = koffi.pointer(OidDesc);
/** How gss_krb5_lucid_context_v1_t begins; the session keys behind it are not looked at. */
const LucidContext = koffi.struct({
  version: 'uint32_t',
  initiate: 'uint32_t',
  endtime: 'uint32_t',
  send_seq: 'uint64_t',
  recv_seq: 'uint64_t',
  protocol: 'uint32_t',
});
const handle = 'void *';
const outHandle = koffi.out(koffi.pointer(handle));
const inoutHandle = koffi.inout(koffi.pointer(handle));
const outU32 = koffi.out(koffi.pointer('uint32_t'));
const outInt = koffi.out(koffi.pointer('int'));
const inoutU32 = koffi.inout(koffi.pointer('uint32_t'));

/** An opaque pointer of the library's; null is GSS_C_NO_NAME, GSS_C_NO_CONTEXT and so on. */
export type Handle = bigint | null;

interface BufferDescValue {
  length: number | bigint;
  value: unknown;
}

type GssFunction = KoffiFunc<(...args: unknown[]) => number>;

function fn(
  name: string,
  args: (string | TypeObject | ReturnType<typeof koffi.out>)[],
): GssFunction {
  return lib.func(name, 'uint32_t', args) as GssFunction;
}

const c = {
  importName: fn('gss_import_name', [outU32, inBuffer, handle, outHandle]),
  displayName: fn('gss_display_name', [outU32, handle, outBuffer, outHandle]),
  releaseName: fn('gss_release_name', [outU32, inoutHandle]),
  acquireCred: fn('gss_acquire_cred', [
    outU32,
    handle,
    'uint32_t',
    handle,
    'int',
    outHandle,
    handle,
    outU32,
  ]),
  releaseCred: fn('gss_release_cred', [outU32, inoutHandle]),
  initSecContext: fn('gss_init_sec_context', [
    outU32,
    handle,
    inoutHandle,
    handle,
    handle,
    'uint32_t',
    'uint32_t',
    handle,
    inBuffer,
    handle,
    outBuffer,
    outU32,
    outU32,
  ]),
  acceptSecContext: fn('gss_accept_sec_context', [
    outU32,
    inoutHandle,
    handle,
    inBuffer,
    handle,
    outHandle,
    outHandle,
    outBuffer,
    outU32,
    outU32,
    handle,
  ]),
  deleteSecContext: fn('gss_delete_sec_context', [outU32, inoutHandle, handle]),
  wrap: fn('gss_wrap', [outU32, handle, 'int', 'uint32_t', inBuffer, outInt, outBuffer]),
  unwrap: fn('gss_unwrap', [outU32, handle, inBuffer, outBuffer, outInt, outU32]),
  wrapSizeLimit: fn('gss_wrap_size_limit', [outU32, handle, 'int', 'uint32_t', 'uint32_t', outU32]),
  displayStatus: fn('gss_display_status', [outU32, 'uint32_t', 'int', handle, inoutU32, outBuffer]),
  inquireSecContextByOid: fn('gss_inquire_sec_context_by_oid', [outU32, handle, inOid, outHandle]),
  releaseBufferSet: fn('gss_release_buffer_set', [outU32, inoutHandle]),
  freeLucidContext: fn('gss_krb5_free_lucid_sec_context', [outU32, handle]),
  releaseBuffer: fn('gss_release_buffer', [outU32, koffi.inout(koffi.pointer(BufferDesc))]),
};

/** memcpy: a view of the memory would cost four times as much. */
const copy = libc.func('memcpy', 'void *', [
  koffi.out(koffi.pointer('uint8_t')),
  handle,
  'size_t',
]) as (to: Buffer, from: unknown, length: number) => void;

function global(name: string): Handle {
  return koffi.decode(lib.symbol(name), handle) as Handle;
}

const ntHostbasedService = global('GSS_C_NT_HOSTBASED_SERVICE');
const mechKrb5 = global('gss_mech_krb5');
const mechSetKrb5 = global('gss_mech_set_krb5');

const GSS_C_INITIATE = 1;
const GSS_C_ACCEPT = 2;
const GSS_C_GSS_CODE = 1;
const GSS_C_MECH_CODE = 2;

/** Major and minor status of a call (RFC 2744 §3.9). */
export interface CallStatus {
  readonly major: number;
  readonly minor: number;
}

const newBuffer = (): BufferDescValue => ({ length: 0, value: null });
const asInput = (bytes: Uint8Array): BufferDescValue => ({ length: bytes.length, value: bytes });

/** Copies what the library allocated, and releases it. */
function take(desc: BufferDescValue): Buffer {
  const length = Number(desc.length);
  if (length === 0) return Buffer.alloc(0);
  const bytes = Buffer.allocUnsafe(length);
  copy(bytes, desc.value, length);
  c.releaseBuffer([0], desc);
  return bytes;
}

/** Imports a GSS_C_NT_HOSTBASED_SERVICE name such as `ceod@host`. */
export function importHostbasedName(name: string): CallStatus & { name: Handle } {
  const minor = [0];
  const out: Handle[] = [null];
  const major = c.importName(minor, asInput(Buffer.from(name)), ntHostbasedService, out);
  return { major, minor: minor[0] ?? 0, name: out[0] ?? null };
}

export function releaseName(name: Handle): void {
  if (name !== null) c.releaseName([0], [name]);
}

/** The full text of a name, e.g. `ctdalek@CSCLUB.TEST`, with krb5's own escapes. */
export function displayName(name: Handle): CallStatus & { text: string } {
  const minor = [0];
  const text = newBuffer();
  const major = c.displayName(minor, name, text, [null]);
  return { major, minor: minor[0] ?? 0, text: take(text).toString('utf8') };
}

/** A credential for krb5 alone: to initiate as whoever holds the ticket, or to accept as `name`. */
export function acquireCredential(
  usage: 'initiate' | 'accept',
  name: Handle,
): CallStatus & {
  credential: Handle;
  /** What is left of it, in seconds. */
  lifetime: number;
} {
  const minor = [0];
  const out: Handle[] = [null];
  const lifetime = [0];
  const flag = usage === 'accept' ? GSS_C_ACCEPT : GSS_C_INITIATE;
  const major = c.acquireCred(minor, name, 0xffffffff, mechSetKrb5, flag, out, null, lifetime);
  return {
    major,
    minor: minor[0] ?? 0,
    credential: out[0] ?? null,
    lifetime: lifetime[0] ?? 0,
  };
}

export function releaseCredential(credential: Handle): void {
  if (credential !== null) c.releaseCred([0], [credential]);
}

export interface ContextStep extends CallStatus {
  readonly context: Handle;
  /** Empty if the mechanism produced none. */
  readonly token: Buffer;
  readonly flags: number;
}

/** gss_init_sec_context, off the event loop: it may have to ask the KDC. */
export function initSecContext(
  context: Handle,
  target: Handle,
  flags: number,
  token: Uint8Array,
): Promise<ContextStep> {
  const minor = [0];
  const contextRef: Handle[] = [context];
  const output = newBuffer();
  const flagsOut = [0];
  return new Promise((resolve, reject) => {
    c.initSecContext.async(
      minor,
      null,
      contextRef,
      target,
      mechKrb5,
      flags,
      0,
      null,
      asInput(token),
      null,
      output,
      flagsOut,
      [0],
      (error: Error | null, major: number) => {
        if (error !== null) {
          reject(error);
          return;
        }
        resolve({
          major,
          minor: minor[0] ?? 0,
          context: contextRef[0] ?? null,
          token: take(output),
          flags: flagsOut[0] ?? 0,
        });
      },
    );
  });
}

/** gss_accept_sec_context. The source name is to be released by the caller. */
export function acceptSecContext(
  context: Handle,
  credential: Handle,
  token: Uint8Array,
): ContextStep & { source: Handle } {
  const minor = [0];
  const contextRef: Handle[] = [context];
  const source: Handle[] = [null];
  const output = newBuffer();
  const flags = [0];
  const major = c.acceptSecContext(
    minor,
    contextRef,
    credential,
    asInput(token),
    null,
    source,
    [null],
    output,
    flags,
    [0],
    null,
  );
  return {
    major,
    minor: minor[0] ?? 0,
    context: contextRef[0] ?? null,
    token: take(output),
    flags: flags[0] ?? 0,
    source: source[0] ?? null,
  };
}

/** 1.2.840.113554.1.2.2.5.6.1: GSS_KRB5_EXPORT_LUCID_CONTEXT (gssapi_krb5.h), version 1. */
const EXPORT_LUCID_CONTEXT = Buffer.from('2a864886f712010202050601', 'hex');

export interface ContextDetails {
  /** When the ticket ends, without the clock skew that lifetimes of acceptors include; Unix time. */
  readonly endTime: number;
  /** The sequence number that the peer's next token bears. */
  readonly receiveSequence: bigint;
  /** Whether tokens are those of RFC 4121, and not of RFC 1964. */
  readonly isRfc4121: boolean;
}

/** What GSS-API itself does not tell about a complete krb5 context. The context stays as it is. */
export function inspectContext(
  context: Handle,
): CallStatus & { details: ContextDetails | undefined } {
  const minor = [0];
  const set: Handle[] = [null];
  const oid = { length: EXPORT_LUCID_CONTEXT.length, elements: EXPORT_LUCID_CONTEXT };
  const major = c.inquireSecContextByOid(minor, context, oid, set);
  const status = { major, minor: minor[0] ?? 0 };
  if (set[0] === null || set[0] === undefined) return { ...status, details: undefined };
  const { elements } = koffi.decode(set[0], BufferSetDesc) as { elements: Handle };
  const { value } = koffi.decode(elements, BufferDesc) as { value: Handle };
  // The one element is a pointer to what is asked for.
  const lucid = koffi.decode(value, handle) as Handle;
  const decoded = koffi.decode(lucid, LucidContext) as Lucid;
  c.freeLucidContext([0], lucid);
  c.releaseBufferSet([0], set);
  return {
    ...status,
    details: {
      endTime: decoded.endtime,
      receiveSequence: BigInt(decoded.recv_seq),
      isRfc4121: decoded.protocol === 1,
    },
  };
}

interface Lucid {
  readonly endtime: number;
  readonly recv_seq: number | bigint;
  readonly protocol: number;
}

export function deleteSecContext(context: Handle): void {
  if (context !== null) c.deleteSecContext([0], [context], null);
}

/** gss_wrap with confidentiality asked for; `confidential` says whether it was applied. */
export function wrap(
  context: Handle,
  plaintext: Uint8Array,
): CallStatus & { token: Buffer; confidential: boolean } {
  const minor = [0];
  const confidential = [0];
  const output = newBuffer();
  const major = c.wrap(minor, context, 1, 0, asInput(plaintext), confidential, output);
  return { major, minor: minor[0] ?? 0, token: take(output), confidential: confidential[0] === 1 };
}

export function unwrap(
  context: Handle,
  token: Uint8Array,
): CallStatus & { plaintext: Buffer; confidential: boolean } {
  const minor = [0];
  const confidential = [0];
  const output = newBuffer();
  const major = c.unwrap(minor, context, asInput(token), output, confidential, [0]);
  return {
    major,
    minor: minor[0] ?? 0,
    plaintext: take(output),
    confidential: confidential[0] === 1,
  };
}

/** gss_wrap_size_limit: the longest plaintext whose token fits `size` bytes. */
export function wrapSizeLimit(context: Handle, size: number): CallStatus & { limit: number } {
  const minor = [0];
  const limit = [0];
  const major = c.wrapSizeLimit(minor, context, 1, 0, size, limit);
  return { major, minor: minor[0] ?? 0, limit: limit[0] ?? 0 };
}

/** The library's own text for a major or minor status (RFC 2744 §5.11). */
export function displayStatus(code: number, type: 'gss' | 'mechanism'): string {
  const lines: string[] = [];
  const more = [0];
  do {
    const text = newBuffer();
    const kind = type === 'gss' ? GSS_C_GSS_CODE : GSS_C_MECH_CODE;
    const major = c.displayStatus([0], code, kind, mechKrb5, more, text);
    if (major !== 0) break;
    lines.push(take(text).toString('utf8'));
  } while (more[0] !== 0);
  return lines.join('; ');
}
