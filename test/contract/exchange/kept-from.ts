/** Which rows there are, which of them no engine is asked for, and which an engine is kept from, with the reason. */

export type Reasons = Readonly<Record<string, string>>;

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
  'EXC-24': 'there are no internal exchanges',
  'EXC-28': 'CC and BCC are not promised',
  'QUE-19': 'there is no "get"',
  'PUB-13': 'there is no user id',
  'PUB-18': 'there is no "immediate"',
  'CON-21': 'consumer tags are made by the engine',
  'CON-27': 'there is no "recover"',
  'CON-28': 'there is no "no-local"',
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
  'PRI-09': ADAPTER,
  'PUB-16': NEEDS_A_WIRE,
  'PUB-17': NEEDS_A_WIRE,
  'POI-09': ADAPTER,
  'RPC-08': NEEDS_A_WIRE,
  'DUR-06': ADAPTER,
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

/** What RabbitMQ does otherwise, or cannot be shown on it here. */
const QUORUM = 'there are no quorum queues in the contract: a queue of one is used as it is';
const BROKEN = 'it breaks the broker or a connection: `test/faults/amqp.test.ts`';

const ON_RABBITMQ: Reasons = {
  'POI-P1':
    'the sheet has it so: what waits behind a suspect is held for its consumer, and given to no other',
  'LEN-P2': 'it refuses all that comes to a queue of limit 0, whether somebody has room or not',
  'TTL-10': 'RabbitMQ takes longer to start again than its times are; DUR-07 shows the same',
  'DUR-P1': 'a header of more than 53 bits is refused by its client',
  'EXC-25': BROKEN,
  'QUE-21': QUORUM,
  'QUE-22': BROKEN,
  'PUB-15': BROKEN,
  'PUB-16': BROKEN,
  'PUB-17': 'how RabbitMQ groups its confirms is not visible',
  'PRI-09': QUORUM,
  'POI-09': QUORUM,
  'RPC-08': BROKEN,
  'DUR-06': QUORUM,
  'ERR-01': BROKEN,
  'ERR-02': BROKEN,
  'ERR-03': BROKEN,
  'ERR-04': BROKEN,
  'ERR-05': BROKEN,
  'ERR-06': BROKEN,
  'ERR-07': BROKEN,
  'ERR-08': BROKEN,
  'CONN-01': BROKEN,
  'CONN-02': BROKEN,
  'CONN-03': BROKEN,
  'CONN-04': BROKEN,
  'CONN-05': BROKEN,
  'CONN-06': BROKEN,
  'CONN-07': BROKEN,
};

const NO_NODE = 'there is no `rabbitmq-server` here, to start one that may be stopped';

/** Where there is only somebody else's RabbitMQ. */
export const NEEDS_A_NODE: Reasons = {
  'POI-06': NO_NODE,
  'DLX-16': NO_NODE,
  'DUR-01': NO_NODE,
  'DUR-02': NO_NODE,
  'DUR-03': NO_NODE,
  'DUR-04': NO_NODE,
  'DUR-05': NO_NODE,
  'DUR-07': NO_NODE,
  'DUR-08': NO_NODE,
  'DUR-P2': NO_NODE,
  'DUR-P3': NO_NODE,
  'DUR-P4': NO_NODE,
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
