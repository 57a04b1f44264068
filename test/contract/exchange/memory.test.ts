/** The contract, on the engine in this process with memory. */

import { describe } from 'vitest';
import { exchangeContract } from './contract.ts';
import { parts } from './parts.ts';
import { memory } from './virtual.ts';

describe('memory', () => exchangeContract(memory('memory', 'share'), parts));
describe('memory, encoded', () => exchangeContract(memory('memory, encoded', 'encode'), parts));
