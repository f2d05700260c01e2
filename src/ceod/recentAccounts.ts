/**
 * Accounts that the directory has just told of. What it told over a connection
 * counts while that connection is open, so nothing is known while it is down; and
 * that there is no such account is never remembered.
 */
import type { ManagedAccount } from '../directory/accounts.js';
import type { Directory } from '../directory/connection.js';

const MAX_AGE_MS = 5_000;

/** More than the callers of five seconds. */
const MAX_ACCOUNTS = 10_000;

interface Known {
  readonly account: ManagedAccount;
  readonly learntAt: number;
}

export class RecentAccounts {
  private readonly known = new Map<string, Known>();
  private connection: object | undefined;

  constructor(private readonly directory: Pick<Directory, 'openConnection'>) {}

  get(username: string): ManagedAccount | undefined {
    this.forgetAfterLoss();
    const found = this.known.get(username);
    if (found === undefined || performance.now() - found.learntAt > MAX_AGE_MS) return undefined;
    return found.account;
  }

  set(username: string, account: ManagedAccount): void {
    this.forgetAfterLoss();
    if (this.known.size >= MAX_ACCOUNTS) this.known.clear();
    if (this.connection === undefined) return;
    this.known.set(username, { account, learntAt: performance.now() });
  }

  private forgetAfterLoss(): void {
    const { openConnection } = this.directory;
    if (openConnection !== undefined && openConnection === this.connection) return;
    this.known.clear();
    this.connection = openConnection;
  }
}
