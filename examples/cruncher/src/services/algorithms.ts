// The algorithms, on files of this machine.

import { diskFiles, readSmall } from '../disk-files.ts';
import { type Algorithm, byBytes, byRules } from './finding.ts';

export const fastly = (): Algorithm => byBytes(diskFiles.open, readSmall);
export const thoroughly = (): Algorithm => byRules(diskFiles.open);
