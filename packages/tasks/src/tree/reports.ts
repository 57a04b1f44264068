/** The one place where this package speaks to people: a line of text, and the facts. */

/** Something of the user's has thrown where nobody could catch it. */
export function reportError(what: string, error: unknown): void {
  console.error(`beamish: ${what}: ${error instanceof Error ? (error.stack ?? error) : error}`);
}
