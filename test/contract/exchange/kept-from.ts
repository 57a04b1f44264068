/** Which rows there are, which of them no engine is asked for, and which an engine is kept from, with the reason. */

type Reasons = Readonly<Record<string, string>>;

/** How many rows each part of the sheet has. */
const PARTS = {
  EXC: 32,
  QUE: 22,
  PUB: 21,
  CON: 33,
  PRI: 9,
  TTL: 10,
  LEN: 10,
  DLX: 16,
  POI: 10,
  TOP: 77,
  HDR: 8,
  RPC: 8,
  DUR: 9,
  ERR: 8,
  CONN: 7,
} as const;

export const ROWS: readonly string[] = Object.entries(PARTS).flatMap(([part, count]) =>
  Array.from({ length: count }, (_, i) => `${part}-${String(i + 1).padStart(2, '0')}`),
);

/** These say what RabbitMQ's own protocol does, and nothing that a program can say or see here. */
export const NOT_ASKED: Reasons = {
  'EXC-03': 'there are no arguments of exchanges that a broker could not know',
  'EXC-09': 'an exchange is deleted with its bindings; there is no "if unused"',
  'EXC-20': 'nothing can be said of the default exchange but publishing to a queue',
  'EXC-21': 'exchanges cannot be bound to exchanges yet',
  'EXC-22': 'exchanges cannot be bound to exchanges yet',
  'EXC-24': 'there are no internal exchanges',
  'EXC-28': 'CC and BCC are not promised',
  'QUE-19': 'there is no "get"',
  'PUB-10': 'exchanges cannot be bound to exchanges yet',
  'PUB-13': 'there is no user id',
  'PUB-18': 'there is no "immediate"',
  'CON-21': 'consumer tags are made by the engine',
  'CON-27': 'there is no "recover"',
  'CON-28': 'there is no "no-local"',
  'CON-30': 'delivery tags are never shown',
  'CON-31': 'a consumption that settles has a prefetch',
  'LEN-05': 'there is no overflow "reject-publish-dlx"',
  'RPC-04': 'there is no consumption of replies that could be asked for wrongly',
  'POI-08': 'a delivery limit is at least 1',
};

const NEEDS_A_WIRE = 'there is no connection, and no server that is somebody else';
const ADAPTER = 'it is about queues that only RabbitMQ has';

/** These are tested with two systems, in `test/exchange/two-systems.test.ts`, and by the suite of faults. */
export const ELSEWHERE: Reasons = {
  'CON-32': 'it needs a second thread',
  'DUR-09': 'it is about a disk that fails: `test/exchange/file.test.ts`',
};

/** What the engines of this process have no occasion for. */
const IN_PROCESS: Reasons = {
  'EXC-25': 'only RabbitMQ has exchanges that nobody declared',
  'QUE-21': ADAPTER,
  'QUE-22': 'who deletes a queue here deletes it for its consumers too (CON-19)',
  'PRI-09': ADAPTER,
  'PUB-15': NEEDS_A_WIRE,
  'PUB-16': NEEDS_A_WIRE,
  'PUB-17': NEEDS_A_WIRE,
  'POI-09': ADAPTER,
  'RPC-08': NEEDS_A_WIRE,
  'DUR-06': ADAPTER,
  'ERR-01': NEEDS_A_WIRE,
  'ERR-02': NEEDS_A_WIRE,
  'ERR-03': NEEDS_A_WIRE,
  'ERR-04': NEEDS_A_WIRE,
  'ERR-05': NEEDS_A_WIRE,
  'ERR-06': NEEDS_A_WIRE,
  'ERR-07': NEEDS_A_WIRE,
  'ERR-08': NEEDS_A_WIRE,
  'CONN-01': NEEDS_A_WIRE,
  'CONN-02': NEEDS_A_WIRE,
  'CONN-03': NEEDS_A_WIRE,
  'CONN-04': NEEDS_A_WIRE,
  'CONN-05': NEEDS_A_WIRE,
  'CONN-06': NEEDS_A_WIRE,
  'CONN-07': NEEDS_A_WIRE,
};

const NOT_ON_DISK = 'memory is gone with the process';

const IN_MEMORY: Reasons = {
  ...IN_PROCESS,
  'TTL-10': NOT_ON_DISK,
  'DLX-16': 'a step of one actor is not cut in memory; explored there by killing actors',
  'DUR-01': NOT_ON_DISK,
  'DUR-02': NOT_ON_DISK,
  'DUR-03': NOT_ON_DISK,
  'DUR-04': NOT_ON_DISK,
  'DUR-05': NOT_ON_DISK,
  'DUR-07': NOT_ON_DISK,
  'DUR-08': NOT_ON_DISK,
  'DUR-09': NOT_ON_DISK,
  'DUR-P1': NOT_ON_DISK,
  'DUR-P2': NOT_ON_DISK,
  'DUR-P3': NOT_ON_DISK,
  'DUR-P4': NOT_ON_DISK,
};

/** What the engine of RabbitMQ does not do yet, or RabbitMQ does otherwise. */
const UNTOLD = 'RabbitMQ tells nobody of what it drops';
const NOT_KILLED = 'not yet: a program on RabbitMQ is not killed by this suite';
const NO_ROW = 'not yet: there is no row for it';
const BEHIND = 'RabbitMQ hears of the end of an actor a moment after its monitors';

const ON_RABBITMQ: Reasons = {
  'EXC-32': BEHIND,
  'QUE-09': BEHIND,
  'PRI-06': 'a thousand messages one by one take longer than a test may',
  'TTL-01': UNTOLD,
  'TTL-07': UNTOLD,
  'LEN-07': UNTOLD,
  'DLX-07': UNTOLD,
  'DLX-10': UNTOLD,
  'POI-06': 'not yet: the suite does not cut the connection',
  'POI-P1': 'not yet: what waits behind a suspect is held for its consumer, and given to no other',
  'TTL-10': NOT_KILLED,
  'DLX-16': NOT_KILLED,
  'DUR-01': NOT_KILLED,
  'DUR-02': NOT_KILLED,
  'DUR-03': NOT_KILLED,
  'DUR-04': NOT_KILLED,
  'DUR-05': NOT_KILLED,
  'DUR-07': NOT_KILLED,
  'DUR-08': NOT_KILLED,
  'DUR-P1': NOT_KILLED,
  'DUR-P2': NOT_KILLED,
  'DUR-P3': NOT_KILLED,
  'DUR-P4': NOT_KILLED,
  'EXC-25': NO_ROW,
  'QUE-21': NO_ROW,
  'QUE-22': NO_ROW,
  'PUB-15': NO_ROW,
  'PUB-16': NO_ROW,
  'PUB-17': NO_ROW,
  'PRI-09': NO_ROW,
  'POI-09': NO_ROW,
  'RPC-08': NO_ROW,
  'DUR-06': NO_ROW,
  'ERR-01': NO_ROW,
  'ERR-02': NO_ROW,
  'ERR-03': NO_ROW,
  'ERR-04': NO_ROW,
  'ERR-05': NO_ROW,
  'ERR-06': NO_ROW,
  'ERR-07': NO_ROW,
  'ERR-08': NO_ROW,
  'CONN-01': NO_ROW,
  'CONN-02': NO_ROW,
  'CONN-03': NO_ROW,
  'CONN-04': NO_ROW,
  'CONN-05': NO_ROW,
  'CONN-06': NO_ROW,
  'CONN-07': NO_ROW,
};

/** By engine. */
export const KEPT = {
  amqp: ON_RABBITMQ,
  memory: IN_MEMORY,
  'memory, encoded': IN_MEMORY,
  file: IN_PROCESS,
} satisfies Record<string, Reasons> as Readonly<
  Record<'amqp' | 'memory' | 'memory, encoded' | 'file', Reasons>
>;
