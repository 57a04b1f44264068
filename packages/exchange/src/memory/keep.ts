/** That a message is kept in one queue. What else it has is its ledger's. */
export interface Keep {
  readonly queue: string;
}
