/**
 * Which of the servers of a directory is asked. One of them, the primary, takes the changes; it is
 * preferred for reading as well, so that what was changed is seen. What a process has met at a
 * server it remembers for a while.
 */

/** After which the server is preferred again, were it only to fail once more. */
const BAD_FOR_MS = 30_000;

/** Longer than a replica takes to learn of a change, and than a server counts as bad. */
const OWN_CHANGE_MS = 60_000;

/** How long one of several servers may say nothing. */
const PATIENCE_MS = 2_500;

export type Purpose = 'read' | 'write';

export class Servers {
  readonly primary: string;
  private readonly urls: readonly string[];
  private readonly badUntil = new Map<string, number>();
  /** Those that have refused a change as theirs are made elsewhere. */
  private readonly replicas = new Set<string>();
  private ownChange: { readonly url: string; readonly until: number } | undefined;

  /**
   * @param urls in the order of preference, at least one
   * @param primary the first unless given; need not be among them
   */
  constructor(urls: readonly string[], primary = urls[0]) {
    if (primary === undefined) throw new Error('there is no server');
    this.primary = primary;
    this.urls = [primary, ...urls.filter((url) => !isSame(url, primary))];
  }

  /** Those to try, one after the other: the bad ones last, and for changes the replicas behind them. */
  inOrder(purpose: Purpose): string[] {
    const now = performance.now();
    const own = this.ownChange !== undefined && this.ownChange.until > now && this.ownChange.url;
    const rank = (url: string) => {
      if (purpose === 'write' && this.replicas.has(url)) return 3;
      if ((this.badUntil.get(url) ?? 0) > now) return 2;
      return url === own ? 0 : 1;
    };
    return [...this.urls].sort((one, other) => rank(one) - rank(other));
  }

  /** How long each may say nothing; undefined: there is no other to ask instead. */
  get patienceMs(): number | undefined {
    return this.urls.length > 1 ? PATIENCE_MS : undefined;
  }

  answered(url: string, purpose: Purpose): void {
    this.badUntil.delete(url);
    if (purpose === 'read') return;
    this.replicas.delete(url);
    this.ownChange = { url, until: performance.now() + OWN_CHANGE_MS };
  }

  failed(url: string): void {
    this.badUntil.set(url, performance.now() + BAD_FOR_MS);
  }

  tookNoChange(url: string): void {
    this.replicas.add(url);
  }
}

/** A port that is the scheme's own, a slash at the end and capitals make no difference. */
const isSame = (one: string, other: string) => canonical(one) === canonical(other);

function canonical(url: string): string {
  const { protocol, hostname, port } = new URL(url);
  return `${protocol}//${hostname.toLowerCase()}:${port || (protocol === 'ldaps:' ? 636 : 389)}`;
}
