// The grammar of an address, `[A-Za-z0-9_.+-]+@[A-Za-z0-9-]+(\.[A-Za-z0-9-]+)+`, as an automaton.
//
// The scanner does not run it: it jumps from `@` to `@`. The automaton is for the rare place where
// a text must be cut inside a run of address bytes: it tells how much of an address lies before the
// cut, in one word, so that the two pieces can be scanned apart and no address is counted twice.

/**
 * How much of an address stands right before a place in a text.
 *
 * - `nothing`: no byte of one
 * - `local`: one or more bytes of a local part
 * - `at`: a local part with its `@`
 * - `label`: and the first domain label, or its beginning
 * - `dot`: and the dot after it
 * - `found`: a whole address, which may go on
 * - `found_dot`: a whole address with a dot after it, which belongs to it if a label follows
 */
export type ScanState = (typeof STATES)[number];

/** What a byte is to an address: `OTHER` bytes are in none. A label byte may be in a local part. */
export const OTHER = 0;
export const LABEL = 1;
export const DOT = 2;
export const MARK = 3; // `_` and `+`, in local parts only
export const AT = 4;

/** The kind of each of the 256 bytes. */
export const KINDS: Uint8Array = kinds();

const STATES = ['nothing', 'local', 'at', 'label', 'dot', 'found', 'found_dot'] as const;
const [NOTHING, LOCAL, AFTER_AT, FIRST_LABEL, AFTER_DOT, FOUND, FOUND_DOT] = [0, 1, 2, 3, 4, 5, 6];

// One row per state, one column per kind. The step from AFTER_DOT to FOUND is where an address is
// counted. A candidate that fails is not lost: what follows its `@` begins the next local part.
const COLUMNS = 5;
const NEXT = Uint8Array.of(
  // OTHER  LABEL        DOT        MARK   AT
  ...[NOTHING, LOCAL, LOCAL, LOCAL, NOTHING], // NOTHING
  ...[NOTHING, LOCAL, LOCAL, LOCAL, AFTER_AT], // LOCAL
  ...[NOTHING, FIRST_LABEL, LOCAL, LOCAL, NOTHING], // AFTER_AT
  ...[NOTHING, FIRST_LABEL, AFTER_DOT, LOCAL, AFTER_AT], // FIRST_LABEL
  ...[NOTHING, FOUND, LOCAL, LOCAL, AFTER_AT], // AFTER_DOT
  ...[NOTHING, FOUND, FOUND_DOT, LOCAL, NOTHING], // FOUND
  ...[NOTHING, FOUND, LOCAL, LOCAL, AFTER_AT], // FOUND_DOT
);

/** What is open at the end of a piece. */
export interface OpenEnd {
  readonly state: ScanState;
  /** Where the open address begins; 0 or less when that is at the start of the piece or before. */
  readonly start: number;
}

/** Reads a piece from a state to its end. */
export function readThrough(piece: Uint8Array, from: ScanState): OpenEnd {
  let state: number = STATES.indexOf(from);
  let start = 0;
  let at = -1; // the last `@`, or the place before the piece
  for (let i = 0; i < piece.length; i++) {
    const next = NEXT[state * COLUMNS + (KINDS[piece[i] as number] as number)] as number;
    if (next === state) continue;
    if (next === LOCAL || next === AFTER_AT) {
      if (state === NOTHING || state === FOUND) start = i;
      else if (state === FOUND_DOT) start = i - 1;
      else if (state !== LOCAL) start = at + 1; // the candidate failed: after its `@` is the next
      if (next === AFTER_AT) at = i;
    }
    state = next;
  }
  return { state: STATES[state] as ScanState, start };
}

function kinds(): Uint8Array {
  const table = new Uint8Array(256).fill(OTHER);
  const set = (bytes: string, kind: number) => {
    for (const byte of Buffer.from(bytes)) table[byte] = kind;
  };
  set('ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789-', LABEL);
  set('.', DOT);
  set('_+', MARK);
  set('@', AT);
  return table;
}
