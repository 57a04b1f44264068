/** The options of the verbs of `self`: each checked, and read. */

import { checkOptions, FLAG, type Kinds, type KindsOf, LIST } from '../terms/options.ts';

const OFFER: KindsOf<OfferOptions> = { transfer: LIST };
const DEMONITOR: Kinds = { flush: FLAG };
const ALIAS: Kinds = { once: FLAG };

export interface OfferOptions {
  readonly transfer?: readonly ArrayBuffer[];
}

export function transferOf(options: OfferOptions | undefined): readonly ArrayBuffer[] | undefined {
  if (options !== undefined) checkOptions('Cannot offer', options, OFFER);
  return options?.transfer;
}

export function isFlushing(options: { readonly flush?: boolean } | undefined): boolean {
  if (options !== undefined) checkOptions('Cannot demonitor', options, DEMONITOR);
  return options?.flush === true;
}

export function isOnce(options: { readonly once?: boolean } | undefined): boolean {
  if (options !== undefined) checkOptions('Cannot make an alias', options, ALIAS);
  return options?.once === true;
}
