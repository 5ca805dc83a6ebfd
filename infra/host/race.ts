/** Waits for `promise`, or throws the reason of `signal` when that aborts first; the promise itself goes on. */
export async function race<T>(promise: Promise<T>, signal: AbortSignal | undefined): Promise<T> {
  if (signal === undefined) return promise;
  let stop: (() => void) | undefined;
  try {
    return await new Promise<T>((resolve, reject) => {
      const aborted = (): void => reject(signal.reason as Error);
      signal.addEventListener("abort", aborted, { once: true });
      stop = () => signal.removeEventListener("abort", aborted);
      if (signal.aborted) aborted();
      promise.then(resolve, reject);
    });
  } finally {
    stop?.();
  }
}
