import { memory } from '@beamish/tasks';
import { storeContract } from './contract.ts';

storeContract('memory', { make: memory });
