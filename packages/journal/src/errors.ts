/** What can keep a journal from doing what it was asked. */

/**
 * The disk refused. Of a commit: nothing of what it waited for is kept, but what an earlier one had
 * answered for. The journal goes on, and tries again at the next commit.
 */
export class JournalFailed extends Error {
  override readonly name = 'JournalFailed';
  /** The host's: `'ENOSPC'`, `'EIO'`, `'EROFS'`, `'ENOENT'`, …; `'unknown'` if it gave none. */
  readonly code: string;
  /** What it was done to. */
  readonly file: string;

  constructor(doing: string, file: string, cause: unknown) {
    const code = codeOf(cause);
    super(`Cannot ${doing} "${file}": ${code === 'unknown' ? String(cause) : code}`, { cause });
    this.code = code;
    this.file = file;
  }
}

/** Another journal that lives has this folder: close it, or end its process. */
export class JournalLocked extends Error {
  override readonly name = 'JournalLocked';
  /** The folder that another journal has. */
  readonly folder: string;
  /** Of its process, which may be this one; undefined if it could not be told. */
  readonly pid: number | undefined;

  constructor(folder: string, pid: number | undefined) {
    const who = pid === undefined ? 'another journal' : `process ${pid}`;
    super(`Cannot open the journal in "${folder}": ${who} has it open`);
    this.folder = folder;
    this.pid = pid;
  }
}

/**
 * What had been kept is not as it was written. Take the folder from a backup, or open it with
 * `damage: 'skip'`, which loses the rest of that segment.
 */
export class JournalDamaged extends Error {
  override readonly name = 'JournalDamaged';
  /** Where the damage is. */
  readonly file: string;
  /** Of the header or the group that does not check. */
  readonly offset: number;

  constructor(file: string, offset: number, what: string) {
    super(`Cannot read "${file}" from byte ${offset}: ${what}`);
    this.file = file;
    this.offset = offset;
  }
}

/** It is not this owner's: another name, a later version of its format or of ours, or no journal. */
export class JournalRefused extends Error {
  override readonly name = 'JournalRefused';
  /** It belongs to another owner, a later version has written it, or what is there is no journal. */
  readonly reason: 'other_owner' | 'later_version' | 'no_journal';
  /** What says so. */
  readonly file: string;

  constructor(reason: JournalRefused['reason'], file: string, what: string) {
    super(`Cannot open the journal with "${file}": ${what}`);
    this.reason = reason;
    this.file = file;
  }
}

/** It was closed. */
export class JournalClosed extends Error {
  override readonly name = 'JournalClosed';

  constructor(doing: string, folder: string) {
    super(`Cannot ${doing} the journal in "${folder}": it was closed`);
  }
}

function codeOf(cause: unknown): string {
  if (cause instanceof Error && 'code' in cause && typeof cause.code === 'string') {
    return cause.code;
  }
  return 'unknown';
}
