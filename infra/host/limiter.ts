/** Lets at most `capacity` holders in at a time, the others in the order in which they came. */
export class Limiter {
  private held = 0;
  private readonly waiting: (() => void)[] = [];

  constructor(private capacity: number) {}

  /** Number of holders now. */
  get active(): number {
    return this.held;
  }

  /** Waits for a place; whoever got one must call {@link leave} once. */
  async enter(signal?: AbortSignal): Promise<void> {
    signal?.throwIfAborted();
    if (this.held < this.capacity) {
      this.held++;
      return;
    }
    await new Promise<void>((resolve, reject) => {
      const admit = (): void => {
        signal?.removeEventListener("abort", giveUp);
        resolve();
      };
      const giveUp = (): void => {
        this.waiting.splice(this.waiting.indexOf(admit), 1);
        reject(signal?.reason as Error);
      };
      this.waiting.push(admit);
      signal?.addEventListener("abort", giveUp, { once: true });
    });
  }

  leave(): void {
    this.held--;
    if (this.held >= this.capacity) return;
    const next = this.waiting.shift();
    if (next === undefined) return;
    this.held++;
    next();
  }

  /** Lowers the capacity, at least to 1: what the other side turned out to allow. */
  shrink(capacity: number): void {
    this.capacity = Math.max(1, Math.min(this.capacity, capacity));
  }

  async run<T>(job: () => Promise<T>, signal?: AbortSignal): Promise<T> {
    await this.enter(signal);
    try {
      return await job();
    } finally {
      this.leave();
    }
  }
}
