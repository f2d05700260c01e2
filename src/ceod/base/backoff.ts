/** Waiting times that grow with every failure in a row: 0.1 s, 0.2 s … up to a limit. */
export class Backoff {
  private failures = 0;
  private timer: NodeJS.Timeout | undefined;

  constructor(
    private readonly firstMs = 100,
    private readonly limitMs = 10_000,
  ) {}

  get waiting(): boolean {
    return this.timer !== undefined;
  }

  /** Calls back after the next waiting time. */
  wait(then: () => void): void {
    if (this.timer !== undefined) return;
    const delay = Math.min(this.limitMs, this.firstMs * 2 ** this.failures);
    this.failures += 1;
    this.timer = setTimeout(() => {
      this.timer = undefined;
      then();
    }, delay);
  }

  /** Something went well. */
  reset(): void {
    this.failures = 0;
  }

  stop(): void {
    clearTimeout(this.timer);
    this.timer = undefined;
  }
}
