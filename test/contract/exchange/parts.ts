/** The parts of the sheet. */

import { con } from './con.ts';
import type { Rows } from './contract.ts';
import { dlx } from './dlx.ts';
import { dur } from './dur.ts';
import { err } from './err.ts';
import { exc } from './exc.ts';
import { poi } from './poi.ts';
import { len, pri, ttl } from './pri-ttl-len.ts';
import { pub } from './pub.ts';
import { que } from './que.ts';
import { hdr, rpc, top } from './top-hdr-rpc.ts';

export const parts: Readonly<Record<string, Rows>> = {
  exc,
  que,
  pub,
  con,
  pri,
  ttl,
  len,
  dlx,
  poi,
  top,
  hdr,
  rpc,
  dur,
  err,
};
