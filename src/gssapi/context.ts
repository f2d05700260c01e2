/**
 * GSS-API security contexts over Kerberos 5 (RFC 2743, RFC 4121). Each class is
 * one phase: an initiator or acceptor takes tokens until it is complete, and
 * then gives a SecurityContext, which alone can wrap and unwrap.
 */
import * as ffi from './ffi.js';
import { GssError } from './error.js';

/** Context flags, RFC 2744 §5.19. */
const MUTUAL = 2;
const REPLAY = 4;
const SEQUENCE = 8;
const CONF = 16;
const INTEG = 32;
const ANON = 64;

const ASKED = MUTUAL | REPLAY | SEQUENCE | CONF | INTEG;
const REQUIRED = MUTUAL | CONF | INTEG;

const GSS_S_COMPLETE = 0;
const GSS_S_CONTINUE_NEEDED = 1;

/** The peer broke a rule that the library itself does not enforce. */
export class ContextRefused extends Error {
  override readonly name = 'ContextRefused';
}

/** What one token led to. */
export interface Step<C> {
  /** To be sent to the peer, if the mechanism produced one. */
  readonly token: Buffer | undefined;
  /** The complete context, once it is. */
  readonly context: C | undefined;
}

/** An established context: wraps and unwraps messages with confidentiality. */
export class SecurityContext {
  /**
   * @param handle a complete context, owned by this object from now on
   * @param nextSequence the number of the peer's next token, for a peer that
   *   may not have asked the library to keep count
   */
  constructor(
    private handle: ffi.Handle,
    private nextSequence?: bigint,
  ) {}

  /** @throws GssError */
  wrap(plaintext: Uint8Array): Buffer {
    const result = ffi.wrap(this.handle, plaintext);
    if (result.major !== GSS_S_COMPLETE) throw new GssError('gss_wrap', result);
    if (!result.confidential) throw new ContextRefused('gss_wrap did not encrypt');
    return result.token;
  }

  /**
   * The plaintext of a token that arrived in its turn.
   * @throws GssError for anything but GSS_S_COMPLETE: also the supplementary
   *   statuses of RFC 2743 §1.2.3 (replayed, old, out of order, gap)
   * @throws ContextRefused if the token was not encrypted, or not the next one
   */
  unwrap(token: Uint8Array): Buffer {
    const result = ffi.unwrap(this.handle, token);
    if (result.major !== GSS_S_COMPLETE) throw new GssError('gss_unwrap', result);
    if (!result.confidential) throw new ContextRefused('the token is not encrypted');
    if (this.nextSequence !== undefined) this.expectNext(token);
    return result.plaintext;
  }

  /** A token that unwraps has a header that can be believed: SND_SEQ of RFC 4121 §4.2.6.2. */
  private expectNext(token: Uint8Array): void {
    const sequence = Buffer.from(token.subarray(8, 16)).readBigUInt64BE();
    if (sequence !== this.nextSequence) throw new ContextRefused('the token is out of sequence');
    this.nextSequence = sequence + 1n;
  }

  /** The longest plaintext, in bytes, whose token is at most `size` bytes long. */
  wrapSizeLimit(size: number): number {
    const result = ffi.wrapSizeLimit(this.handle, size);
    if (result.major !== GSS_S_COMPLETE) throw new GssError('gss_wrap_size_limit', result);
    return result.limit;
  }

  /** Releases the context; it cannot be used afterwards. */
  dispose(): void {
    ffi.deleteSecContext(this.handle);
    this.handle = null;
  }
}

/** The client's side of a handshake. */
export class Initiator {
  private context: ffi.Handle = null;
  private readonly target: ffi.Handle;

  /**
   * @param service host-based, e.g. `ceod@ginseng.csclub.test`; the credential
   *   is the default one (KRB5CCNAME)
   */
  constructor(service: string) {
    this.target = importName(service);
  }

  /**
   * @param token the peer's; empty for the first step
   * @throws GssError, ContextRefused
   */
  async step(token: Uint8Array): Promise<Step<SecurityContext>> {
    const result = await ffi.initSecContext(this.context, this.target, ASKED, token);
    this.context = result.context;
    return finish('gss_init_sec_context', result, () => {
      const context = new SecurityContext(this.context);
      this.context = null;
      return context;
    });
  }

  /** Releases what is not handed over; to be called in any case. */
  dispose(): void {
    ffi.releaseName(this.target);
    ffi.deleteSecContext(this.context);
    this.context = null;
  }
}

/**
 * Whether the default credential cache holds a ticket that has not expired, by the clock of the
 * KDC as the cache remembers it: this machine's may be wrong.
 */
export function holdsTicket(): boolean {
  const { major, credential, lifetime } = ffi.acquireCredential('initiate', null);
  ffi.releaseCredential(credential);
  return major === GSS_S_COMPLETE && lifetime > 0;
}

/** Who is on the other side of an accepted context. */
export interface AcceptedContext {
  readonly context: SecurityContext;
  /** The full principal as the library displays it, e.g. `ctdalek@CSCLUB.TEST`. */
  readonly principal: string;
  /** When the peer's ticket ends: milliseconds since the epoch. */
  readonly expiresAt: number;
}

/** The key of a service: for krb5 alone, so that no other mechanism can be reached. */
export class AcceptorCredential {
  private constructor(readonly handle: ffi.Handle) {}

  /**
   * @param service host-based, e.g. `ceod@ginseng.csclub.test`; its key is
   *   looked for in the default keytab (KRB5_KTNAME)
   * @throws GssError
   */
  static acquire(service: string): AcceptorCredential {
    const name = importName(service);
    const result = ffi.acquireCredential('accept', name);
    ffi.releaseName(name);
    if (result.major !== GSS_S_COMPLETE) throw new GssError('gss_acquire_cred', result);
    return new AcceptorCredential(result.credential);
  }

  dispose(): void {
    ffi.releaseCredential(this.handle);
  }
}

/** The server's side of a handshake. After an error it must not be used again. */
export class Acceptor {
  private context: ffi.Handle = null;

  constructor(private readonly credential: AcceptorCredential) {}

  /** @throws GssError, ContextRefused */
  step(token: Uint8Array): Step<AcceptedContext> {
    const result = ffi.acceptSecContext(this.context, this.credential.handle, token);
    this.context = result.context;
    try {
      return finish('gss_accept_sec_context', result, () => {
        const { text: principal, ...status } = ffi.displayName(result.source);
        if (status.major !== GSS_S_COMPLETE) throw new GssError('gss_display_name', status);
        const { endTime, receiveSequence } = inspect(this.context);
        const context = new SecurityContext(this.context, receiveSequence);
        this.context = null;
        return { context, principal, expiresAt: endTime * 1000 };
      });
    } finally {
      ffi.releaseName(result.source);
    }
  }

  /** Releases what is not handed over; to be called in any case. */
  dispose(): void {
    ffi.deleteSecContext(this.context);
    this.context = null;
  }
}

function finish<C>(call: string, result: ffi.ContextStep, complete: () => C): Step<C> {
  const token = result.token.length > 0 ? result.token : undefined;
  if (result.major !== GSS_S_COMPLETE && result.major !== GSS_S_CONTINUE_NEEDED) {
    throw new GssError(call, result, token);
  }
  if (result.major === GSS_S_CONTINUE_NEEDED) return { token, context: undefined };
  if ((result.flags & REQUIRED) !== REQUIRED) {
    throw new ContextRefused('the context lacks mutual, confidentiality or integrity');
  }
  if ((result.flags & ANON) !== 0) throw new ContextRefused('the peer is anonymous');
  return { token, context: complete() };
}

function inspect(context: ffi.Handle): ffi.ContextDetails {
  const { details, ...status } = ffi.inspectContext(context);
  if (details === undefined) throw new GssError('gss_inquire_sec_context_by_oid', status);
  if (!details.isRfc4121) throw new ContextRefused('the encryption type is older than RFC 4121');
  return details;
}

function importName(service: string): ffi.Handle {
  const result = ffi.importHostbasedName(service);
  if (result.major !== GSS_S_COMPLETE) throw new GssError('gss_import_name', result);
  return result.name;
}
