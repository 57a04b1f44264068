// What the actors say to each other, and by which names.

import { name, type Pid, type ReplyTo, type Supervisor } from 'beamish';
import type { Chunk } from './chunks.ts';
import type { NamedPath } from './input.ts';
import type { Records } from './records.ts';

/**
 * How addresses are found: what looks like one, as grep would, or what is one by the rules, in mail and
 * other encodings, too.
 */
export type Algorithm = 'fast' | 'thorough';

/** Somebody wants files counted. The reply comes when all that is in them has been. */
export interface Upload {
  readonly tag: 'upload';
  readonly paths: readonly NamedPath[];
  readonly replyTo: ReplyTo<Failures>;
}

/** How many inputs could not be read, or not to their end, since the start. */
export type Failures = number;

/** A cruncher has nothing to do: it is new, or it is done with its chunk. */
export interface Ready {
  readonly tag: 'ready';
  readonly cruncher: Pid<Crunch>;
  /** How long it took for the chunk. */
  readonly crunchedMs: number;
}

/** A cruncher has got its chunk and begins: should it die, it may have died of it. */
export interface Begun {
  readonly tag: 'begun';
  readonly cruncher: Pid<Crunch>;
}

/** A chunk to crunch, and its place in the order of all that is counted. */
export interface Crunch {
  readonly tag: 'crunch';
  readonly seq: number;
  readonly chunk: Chunk;
}

/** What happened at one place in the order of input. It may be told twice, and counts once. */
export type News =
  | {
      readonly tag: 'crunched';
      readonly seq: number;
      readonly bytes: number;
      readonly found: Records;
    }
  | { readonly tag: 'gave_up'; readonly seq: number; readonly reason: string }
  | { readonly tag: 'note'; readonly seq: number; readonly path: string; readonly message: string }
  | {
      readonly tag: 'file_end';
      readonly seq: number;
      readonly path: string;
      readonly bytes: number;
      readonly error: string | undefined;
    }
  | { readonly tag: 'upload_end'; readonly seq: number; readonly replyTo: ReplyTo<Failures> };

/** Print what has been counted so far. It is the last that is printed. */
export interface Report {
  readonly tag: 'report';
  readonly replyTo: ReplyTo<'printed'>;
}

/** Print what the prompt says. */
export interface Say {
  readonly tag: 'say';
  readonly text: string;
  readonly replyTo: ReplyTo<'printed'>;
}

/** There are so many bytes more to read, or `undefined`: so many that nobody can say. */
export interface Size {
  readonly tag: 'size';
  readonly bytes: number | undefined;
}

/** All sizes have been told. */
export interface Sized {
  readonly tag: 'sized';
}

/** There is enough to do for more threads. */
export interface Recruit {
  readonly tag: 'recruit';
}

/** Time for another progress line. */
export interface Tick {
  readonly tag: 'tick';
}

export type FromCruncher = Ready | Begun;
export type ToUploader = Upload | FromCruncher;
export type ToStatus = News | Report | Say | Size | Sized | Tick;

export const UPLOADER = name<ToUploader>('uploader');
export const STATUS = name<ToStatus>('status');
export const CRUNCHERS = name<Supervisor>('crunchers');
export const RECRUITER = name<Recruit>('recruiter');
