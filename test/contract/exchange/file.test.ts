/** The contract, on the engine in this process with a disk: all exchanges and queues of the rows are durable. */

import { describe } from 'vitest';
import { exchangeContract } from './contract.ts';
import { parts } from './parts.ts';
import { file } from './virtual.ts';

describe('file', () => exchangeContract(file, parts));
