/** Bytes that arrive in pieces and are taken off the front; grows by doubling, so that big answers stay linear. */
export class ByteQueue {
  private bytes = Buffer.alloc(16 * 1024);
  private from = 0;
  private to = 0;
  private scanned = 0;

  get length(): number {
    return this.to - this.from;
  }

  push(chunk: Buffer): void {
    if (this.to + chunk.length > this.bytes.length) {
      const size = Math.max(2 * this.length, this.length + chunk.length, this.bytes.length);
      const grown = Buffer.alloc(size);
      this.bytes.copy(grown, 0, this.from, this.to);
      this.scanned = Math.max(0, this.scanned - this.from);
      this.to -= this.from;
      this.from = 0;
      this.bytes = grown;
    }
    chunk.copy(this.bytes, this.to);
    this.to += chunk.length;
  }

  /** Takes what stands before `mark`, and the mark; nothing when it has not arrived yet. */
  takeUntil(mark: Buffer): Buffer | undefined {
    const start = Math.max(this.from, this.scanned);
    const at = this.bytes.subarray(0, this.to).indexOf(mark, start);
    if (at < 0) {
      // The mark's first bytes may be here already.
      this.scanned = Math.max(this.from, this.to - mark.length + 1);
      return undefined;
    }
    const taken = Buffer.from(this.bytes.subarray(this.from, at));
    this.from = at + mark.length;
    this.scanned = this.from;
    return taken;
  }

  /** The first bytes that wait, for messages. */
  start(limit: number): Buffer {
    return Buffer.from(this.bytes.subarray(this.from, Math.min(this.to, this.from + limit)));
  }
}
