import { describe, expect, test } from 'vitest';
import { asksForServices, HELP } from '../../../examples/cruncher/src/options.ts';
import { readServiceLine } from '../../../examples/cruncher/src/services/options.ts';

const FOLDER = '/home/ines';
const read = (...args: string[]) => readServiceLine(args, {}, FOLDER);

describe('asksForServices()', () => {
  test('is for those who name a broker, a role, a domain or a name, or have BROKER', () => {
    for (const option of ['--broker', '--role', '--web', '--notify-domain', '--name'])
      expect(asksForServices([option, 'x'], {})).toBe(true);
    expect(asksForServices(['--broker=memory:'], {})).toBe(true);
    expect(asksForServices(['a.txt'], { BROKER: 'memory:' })).toBe(true);
    expect(asksForServices(['a.txt', '--prompt'], { BROKER: '' })).toBe(false);
    expect(asksForServices(['--', '--name'], {})).toBe(false);
  });
});

describe('readServiceLine()', () => {
  test('runs all in one process, and asks for files, unless it is told otherwise', () => {
    expect(read('--broker', 'memory:')).toMatchObject({
      broker: 'memory:',
      role: 'all',
      use: 'prompt',
      stateFolder: '/home/ines/.beamish/cruncher',
      outbox: '/home/ines/.beamish/cruncher/outbox',
      whileStopped: 'wait',
      smtp: undefined,
    });
    expect(read('--broker', 'memory:', 'a.txt')).toMatchObject({ use: 'paths' });
    expect(read('--web', '--port', '0')).toMatchObject({ use: 'web', port: 0, broker: 'memory:' });
  });

  test('takes the broker from BROKER, and a folder from where the user stands', () => {
    expect(readServiceLine(['a'], { BROKER: 'file:data' }, FOLDER)).toMatchObject({
      broker: 'file:/home/ines/data',
    });
  });

  test('a part has nothing to ask for, but for the prompt', () => {
    const broker = ['--broker', 'amqp://localhost'];
    expect(read(...broker, '--role', 'fast')).toMatchObject({ role: 'fast', use: 'run' });
    expect(read(...broker, '--role', 'prompt')).toMatchObject({ use: 'prompt' });
  });

  test.each([
    [['--broker', 'redis://x'], '--broker takes'],
    [['--role', 'mailer', '--broker', 'amqp://x'], 'is one of prompt, fast'],
    [['--role', 'fast'], 'needs a broker that other processes reach'],
    [['--role', 'notifier', '--broker', 'amqp://x'], '--name NAME'],
    [['--broker', 'memory:', '--name', 'a b'], 'nothing that stands before an @'],
    [['--broker', 'memory:', '--notify-domain', 'x..org'], 'is no domain'],
    [['--broker', 'memory:', '--from', 'me'], 'is no address'],
    [['--broker', 'memory:', '--smtp', 'localhost'], '--smtp takes'],
    [['--broker', 'memory:', '--while-stopped', 'keep'], 'wait or drop'],
    [['--broker', 'memory:', '--prompt', 'a.txt'], 'Leave out the paths'],
    [['--web', '--port', '99999'], '--port takes'],
    [['--web', '--broker', 'amqp://x', '--role', 'fast'], '--web shows all of it'],
    [['--web', 'a.txt'], 'Leave out the paths'],
    [['--broker', 'memory:', '-'], 'not standard input'],
    [['--broker', 'memory:', '--jsn'], 'jsn'],
  ])('%j is wrong, and it says what to type', (args, message) => {
    const line = read(...args);
    expect(line.kind).toBe('wrong');
    expect((line as { message: string }).message).toContain(message);
    expect((line as { message: string }).message).toMatch(/\nTry --help$/);
  });

  test('all that it takes is in the help', () => {
    for (const option of [
      'web',
      'port',
      'host',
      'broker',
      'role',
      'state',
      'notify-domain',
      'name',
      'while-stopped',
      'smtp',
      'from',
      'outbox',
      'prefix',
    ])
      expect(HELP).toContain(`--${option}`);
  });
});
