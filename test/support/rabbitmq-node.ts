/**
 * A RabbitMQ of a test's own, which it may stop, starve and cut off: a node with a name, a folder and ports of
 * its own, on loopback, where `rabbitmq-server` is installed. Nothing of the machine's RabbitMQ is touched.
 */

import { type ChildProcess, spawn, spawnSync } from 'node:child_process';
import { existsSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { createServer } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { createInterface } from 'node:readline';

/** Debian's command changes the user and the folder; this is what it runs. */
const PROGRAMS = ['/usr/lib/rabbitmq/bin/rabbitmq-server', '/opt/homebrew/sbin/rabbitmq-server'];
const LONGEST_START_MS = 90_000;

export interface RabbitNode {
  readonly url: string;
  readonly port: number;
  /** Its folder: what is in it goes with it. */
  readonly folder: string;
  /** Evaluates Erlang there, without the dot at the end, and returns the value as Erlang prints it. */
  erlang(expressions: string): Promise<string>;
  /** Stops RabbitMQ, and not the node: all connections are closed, and nobody listens. */
  stopApp(): Promise<void>;
  startApp(): Promise<void>;
  /** Closes connections from its side whose name matches. Returns how many. */
  closeConnections(matching?: RegExp): Promise<number>;
  /** The names of the connections that are open. */
  connections(): Promise<readonly string[]>;
  /** Ends the node. */
  stop(): Promise<void>;
}

export interface NodeOptions {
  /** More lines of `rabbitmq.conf`, for a node in this folder. */
  config?(folder: string): readonly string[];
  /** Puts into the folder what the node needs. */
  prepare?(folder: string): void;
}

function program(): string | undefined {
  const found = PROGRAMS.find(existsSync);
  if (found !== undefined || process.platform === 'win32') return found;
  const { stdout, status } = spawnSync('sh', ['-c', 'command -v rabbitmq-server'], {
    encoding: 'utf8',
  });
  return status === 0 ? stdout.trim() : undefined;
}

/** Whether one can be started here. */
export const isInstalled =
  program() !== undefined &&
  spawnSync('erl', ['-version'], { stdio: 'ignore' }).error === undefined;

export async function startNode({ config, prepare }: NodeOptions = {}): Promise<RabbitNode> {
  const server = program();
  if (server === undefined) throw new Error('There is no rabbitmq-server here');
  const folder = mkdtempSync(join(tmpdir(), 'beamish-rabbitmq-'));
  const [port, distribution] = [await freePort(), await freePort()];
  const node = `beamish-${process.pid}-${port}@localhost`;
  writeFileSync(join(folder, '.erlang.cookie'), `beamish${port}`, { mode: 0o400 });
  writeFileSync(join(folder, 'plugins'), '[].');
  prepare?.(folder);
  const lines = [`listeners.tcp.1 = 127.0.0.1:${port}`, ...(config?.(folder) ?? [])];
  writeFileSync(join(folder, 'rabbitmq.conf'), `${lines.join('\n')}\n`);
  const env = {
    PATH: process.env['PATH'],
    LANG: 'C.UTF-8',
    HOME: folder,
    RABBITMQ_NODENAME: node,
    RABBITMQ_NODE_PORT: String(port),
    RABBITMQ_DIST_PORT: String(distribution),
    RABBITMQ_MNESIA_BASE: join(folder, 'mnesia'),
    RABBITMQ_LOG_BASE: join(folder, 'log'),
    RABBITMQ_PID_FILE: join(folder, 'pid'),
    RABBITMQ_ENABLED_PLUGINS_FILE: join(folder, 'plugins'),
    RABBITMQ_CONFIG_FILE: join(folder, 'rabbitmq'),
    RABBITMQ_SERVER_ADDITIONAL_ERL_ARGS: '+S 2:2 +sbwt none',
  };
  const broker = spawn(server, { cwd: folder, env, stdio: ['ignore', 'pipe', 'pipe'] });
  let said = '';
  for (const stream of [broker.stdout, broker.stderr])
    stream.on('data', (chunk: Buffer) => {
      said = `${said}${chunk}`.slice(-4000);
    });
  const ended = new Promise<void>((end) => broker.on('exit', () => end()));
  const control = erlang(folder, node, env);
  const end = async (): Promise<void> => {
    if (broker.exitCode === null) {
      await Promise.race([control.ask('init:stop()').catch(() => ''), ended]);
      await Promise.race([ended, after(20_000)]);
    }
    if (broker.exitCode === null) kill(broker, folder);
    control.end();
    rmSync(folder, { recursive: true, force: true, maxRetries: 5 });
  };
  try {
    await Promise.race([
      control.ask(WAIT_UNTIL_UP, LONGEST_START_MS),
      ended.then(() => Promise.reject(new Error(`RabbitMQ has ended: ${said}`))),
    ]);
  } catch (error) {
    await end();
    throw error;
  }
  return {
    url: `amqp://guest:guest@127.0.0.1:${port}/`,
    port,
    folder,
    erlang: (expressions) => control.ask(expressions),
    stopApp: async () => void (await control.ask('rabbit:stop()')),
    startApp: async () => {
      await control.ask(`rabbit:start(), ${WAIT_UNTIL_UP}`, LONGEST_START_MS);
    },
    async closeConnections(matching = /^/) {
      let count = 0;
      for (const [pid, name] of await list(control)) {
        if (!matching.test(name)) continue;
        await control.ask(
          `catch rabbit_networking:close_connection(list_to_pid("${pid}"), <<"closed by a test">>)`,
        );
        count++;
      }
      return count;
    },
    connections: async () => (await list(control)).map(([, name]) => name),
    stop: end,
  };
}

const WAIT_UNTIL_UP =
  '(fun W() -> case (catch rabbit:is_running()) of true -> up; _ -> timer:sleep(50), W() end end)()';

async function list(control: Control): Promise<readonly (readonly [string, string])[]> {
  // One that is just ending has nothing to tell.
  const text = await control.ask(
    `lists:flatmap(fun(C) ->
        try
          P = rabbit_networking:connection_info(C, [client_properties]),
          {_, _, N} = lists:keyfind(<<"connection_name">>, 1, proplists:get_value(client_properties, P)),
          [pid_to_list(C) ++ " " ++ binary_to_list(N) ++ ";"]
        catch _:_ -> [] end
      end, rabbit_networking:local_connections())`,
  );
  return [...text.matchAll(/(<[\d.]+>) ([^;]*);/g)].map((found) => [
    found[1] as string,
    found[2] as string,
  ]);
}

interface Control {
  ask(expressions: string, ms?: number): Promise<string>;
  end(): void;
}

/** An Erlang node that stays, and evaluates lines on the other one: a tenth of a second sooner than `rabbitmqctl`. */
function erlang(folder: string, node: string, env: NodeJS.ProcessEnv): Control {
  const cookie = readFileSync(join(folder, '.erlang.cookie'), 'utf8');
  const name = node.replace('beamish', 'control');
  const args = ['-noinput', '-hidden', '-sname', name, '-setcookie', cookie];
  // Standard input is a file's for `-noinput`, so the lines come over a port of Erlang's own.
  const child = spawn('erl', [...args, '-eval', CONTROL, '-extra', node], {
    cwd: folder,
    env,
    stdio: ['pipe', 'pipe', 'pipe', 'pipe', 'pipe'],
  });
  const lines = createInterface({ input: child.stdio[4] as NodeJS.ReadableStream });
  let said = '';
  for (const stream of [child.stdout, child.stderr])
    stream?.on('data', (chunk: Buffer) => {
      said = `${said}${chunk}`.slice(-2000);
    });
  const waiting = new Map<number, (line: string) => void>();
  let last = 0;
  lines.on('line', (line) => {
    const [number, text = ''] = line.split(/ (.*)/s);
    waiting.get(Number(number))?.(text);
    waiting.delete(Number(number));
  });
  child.on('error', () => {});
  return {
    ask(expressions, ms = 60_000) {
      const number = ++last;
      return new Promise((answer, refuse) => {
        const timer = setTimeout(
          () => refuse(new Error(`Erlang has not answered ${expressions} ${said}`)),
          ms,
        );
        waiting.set(number, (line) => {
          clearTimeout(timer);
          if (line.startsWith('ok ')) answer(line.slice(3));
          else refuse(new Error(`Erlang refused ${expressions}: ${line}`));
        });
        const flat = expressions.replaceAll(/\s+/g, ' ');
        (child.stdio[3] as NodeJS.WritableStream).write(`${number} ${flat}.\n`);
      });
    },
    end() {
      child.kill();
    },
  };
}

/** Each line is a number and expressions; each is a process, so that one that waits holds up no other. */
const CONTROL = `
[N] = init:get_plain_arguments(), Node = list_to_atom(N),
Port = open_port({fd, 3, 4}, [{line, 100000}, eof]),
Main = self(),
Do = fun(Line) ->
  {Number, [_ | Text]} = lists:splitwith(fun(C) -> C =/= 32 end, Line),
  Answer = try
    {ok, Tokens, _} = erl_scan:string(Text),
    {ok, Exprs} = erl_parse:parse_exprs(Tokens),
    Call = fun Call(0) -> {badrpc, nodedown};
               Call(Tries) -> case rpc:call(Node, erl_eval, exprs, [Exprs, []]) of
                 {badrpc, nodedown} -> timer:sleep(100), Call(Tries - 1);
                 R -> R
               end
           end,
    case Call(600) of
      {value, V, _} -> io_lib:format("~s ok ~0p~n", [Number, V]);
      Other -> io_lib:format("~s no ~0p~n", [Number, Other])
    end
  catch C:E -> io_lib:format("~s no ~0p~n", [Number, {C, E}]) end,
  Main ! {say, unicode:characters_to_binary(Answer)}
end,
(fun Loop() -> receive
  {Port, {data, {eol, Line}}} -> spawn(fun() -> Do(Line) end), Loop();
  {Port, eof} -> halt();
  {say, Binary} -> port_command(Port, Binary), Loop();
  _ -> Loop()
end end)().
`;

function kill(broker: ChildProcess, folder: string): void {
  const file = join(folder, 'pid');
  // The command is a script, and the broker its child.
  if (existsSync(file)) process.kill(Number(readFileSync(file, 'utf8')), 'SIGKILL');
  broker.kill('SIGKILL');
}

function after(ms: number): Promise<void> {
  return new Promise((over) => setTimeout(over, ms).unref());
}

export function freePort(): Promise<number> {
  return new Promise((found, failed) => {
    const server = createServer();
    server.on('error', failed);
    server.listen(0, '127.0.0.1', () => {
      const { port } = server.address() as { port: number };
      server.close(() => found(port));
    });
  });
}
