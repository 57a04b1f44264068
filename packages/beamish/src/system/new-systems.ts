/** Who is told of each actor system that is made in this thread. */

const met = new Set<{ readonly meet: (system: never) => void }>();

/** Returns how to stop. */
export function onNew(meet: (system: never) => void): () => void {
  const entry = { meet };
  met.add(entry);
  return () => {
    met.delete(entry);
  };
}

/** `failed` is told of one that throws, which is told of no other. */
export function tellOfNew(system: object, failed: (error: unknown) => void): void {
  for (const entry of met) {
    try {
      entry.meet(system as never);
    } catch (error) {
      // Code of who watches: its failure is not that of who makes a system.
      met.delete(entry);
      failed(error);
    }
  }
}
