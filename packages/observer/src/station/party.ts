/** Who sends or takes what a recorder records, with what is under way there. */

import type { Pid } from 'beamish';
import { mark, markOf } from 'beamish/observation';

/** Whose parties they are: a ring. */
interface Owner {
  /** The name of its system. */
  readonly system: string;
}

/** Who is at one end of a message. */
export class Party {
  readonly of: Owner;
  /** Its number in the records; another one once those who are in none are forgotten. */
  id = 0;
  readonly pid: Pid | undefined;
  /** What it sends comes from outside of the actors of this system. */
  readonly isOutside: boolean;
  /** An actor of this system, whose takings are heard. */
  readonly isHere: boolean;
  /** In words, of who is nobody of this system. */
  readonly words: string;
  /** First of what waits for it; 0 for none. */
  head = 0;
  /** Last of that, if there is any. */
  tail = 0;
  /**
   * The message at the head, if it came when nothing waited. It is younger than all that is here, and to write one
   * costs 1 ns into the same place each time, and 6 ns into ever another one.
   */
  first: object | undefined = undefined;
  /** What it is handling; 0 for nothing. */
  handling = 0;
  /** Of which burst all that is; 0 of who is no actor here. */
  burst = 0;
  /** What it sent last as a message, whose number need not be looked up again; none that a program may send at first. */
  tag = '$none';
  tagId = 0;
  /** The party that another recorder has made of the same pid, behind this one. */
  next: Party | undefined = undefined;

  constructor(of: Owner, id: number, pid: Pid | undefined, words: string) {
    this.of = of;
    this.id = id;
    this.pid = pid;
    this.isHere = pid !== undefined && pid.system === of.system;
    this.isOutside = !this.isHere || pid?.serial === 0;
    this.words = words;
  }
}

/** In place of one of whom nothing is known. */
export const NOBODY = new Party({ system: '' }, 0, undefined, '');

/**
 * What is kept with a pid is the party of the recorder that met it last; those of others are behind it. Two recorders
 * of one system are rare: what is `traced` beside an observer has one of its own, so that neither has to do with
 * how much the other keeps, nor with its pauses.
 */
export function partyOn(pid: Pid, of: Owner): Party | undefined {
  // Nobody else keeps anything there: asking what it is would cost as much as the rest.
  let party = markOf(pid) as Party | undefined;
  while (party !== undefined && party.of !== of) party = party.next;
  return party;
}

export function keep(party: Party, pid: Pid): void {
  party.next = markOf(pid) as Party | undefined;
  mark(pid, party);
}

export function forget(party: Party, pid: Pid): void {
  const first = markOf(pid) as Party | undefined;
  if (first === party) mark(pid, party.next);
  for (let at = first; at !== undefined; at = at.next) if (at.next === party) at.next = party.next;
}
