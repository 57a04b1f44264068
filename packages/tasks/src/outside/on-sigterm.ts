/** What a SIGTERM does to a program that has not said what: it closes its applications, and ends. */

/** Of each application that is open, how it is closed; called again, it goes on at once. */
const open = new Set<() => Promise<unknown>>();

/** Closes it on SIGTERM, unless the program listens for that itself. Returns how to take it back. */
export function closeOnSigterm(close: () => Promise<unknown>): () => void {
  if (open.size === 0) process.on('SIGTERM', onSigterm);
  open.add(close);
  return () => {
    open.delete(close);
    if (open.size === 0) process.off('SIGTERM', onSigterm);
  };
}

function onSigterm(): void {
  // Whoever listens, too, decides what ends and when.
  if (process.listenerCount('SIGTERM') > 1) return;
  void Promise.allSettled([...open].map((close) => close())).then(() => process.exit());
}
