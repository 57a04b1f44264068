/** What has to be one step in Redis. */

import type { Redis } from 'ioredis';

/** Where kombu notes what somebody holds: when it was taken, and what it is. */
export const UNACKED_INDEX = 'unacked_index';
export const UNACKED = 'unacked';

/** What a consumer took last: an answer that is lost with its connection is given again. */
const LAST_TAKE = '_beamish.taken.';
const LAST_TAKE_S = 3600;

export function lastTakeOf(consumer: string): string {
  return `${LAST_TAKE}${consumer}`;
}

/**
 * Takes from the first lists that have something, and notes it, so that it is at every moment in a list or noted.
 * What cannot be read has no tag to be noted by: it is handed out as it is, and is gone. Asked again with the same
 * number, it answers with what it answered, as far as that is still held.
 */
const TAKE = `
local last = redis.call('GET', KEYS[3])
if last then
  last = cjson.decode(last)
  if last.number == ARGV[3] then
    local again = {}
    for _, one in ipairs(last.taken) do
      local noted = redis.call('HGET', KEYS[2], one[2])
      if noted then again[#again + 1] = { one[1], one[2], string.sub(noted, 2, one[3] + 1) } end
    end
    return again
  end
end
local taken = {}
local noted = {}
local left = tonumber(ARGV[1])
for i = 4, #KEYS do
  while left > 0 do
    local text = redis.call('RPOP', KEYS[i])
    if not text then break end
    local ok, envelope = pcall(cjson.decode, text)
    local tag = ''
    if ok and type(envelope) == 'table' and type(envelope.properties) == 'table' then
      tag = envelope.properties.delivery_tag
      if type(tag) ~= 'string' then tag = '' end
    end
    if tag ~= '' then
      local info = envelope.properties.delivery_info
      local exchange, key = '', ''
      if type(info) == 'table' then
        exchange = info.exchange or ''
        key = info.routing_key or ''
      end
      redis.call('ZADD', KEYS[1], ARGV[2], tag)
      redis.call('HSET', KEYS[2], tag, '[' .. text .. ',' .. cjson.encode(exchange) .. ',' .. cjson.encode(key) .. ']')
      noted[#noted + 1] = { KEYS[i], tag, #text }
    end
    taken[#taken + 1] = { KEYS[i], tag, text }
    left = left - 1
  end
end
if #noted > 0 then
  redis.call('SETEX', KEYS[3], ${LAST_TAKE_S}, cjson.encode({ number = ARGV[3], taken = noted }))
end
return taken`;

/** Says that these are still held. Answers with those that are not ours any more. */
const REFRESH = `
local lost = {}
for i = 2, #ARGV do
  if redis.call('ZSCORE', KEYS[1], ARGV[i]) then
    redis.call('ZADD', KEYS[1], ARGV[1], ARGV[i])
  else
    lost[#lost + 1] = ARGV[i]
  end
end
return lost`;

/** Puts what is held back to where it is taken from next, unless somebody was faster, or it was refreshed. */
const RESTORE = `
local score = redis.call('ZSCORE', KEYS[1], ARGV[1])
if not score or tonumber(score) > tonumber(ARGV[2]) then return 0 end
redis.call('ZREM', KEYS[1], ARGV[1])
redis.call('HDEL', KEYS[2], ARGV[1])
redis.call('RPUSH', KEYS[3], ARGV[3])
return 1`;

/** Keeps a result and tells of it, unless there is a success. The status is the first of its fields. */
const STORE = `
local present = redis.call('GETRANGE', KEYS[1], 0, 40)
if string.find(present, '^{"status":%s*"SUCCESS"') then return 0 end
redis.call('SETEX', KEYS[1], ARGV[1], ARGV[2])
redis.call('PUBLISH', KEYS[1], ARGV[2])
return 1`;

/**
 * Adds a part to a chord in place of what it has said before, and answers with how many there are and how many
 * there will be. Parts of a nested group have the same place, so what is replaced has its id, too.
 */
const ADD_PART = `
for _, member in ipairs(redis.call('ZRANGEBYSCORE', KEYS[1], ARGV[1], ARGV[1])) do
  local at = string.find(member, ARGV[2], 1, true)
  if at and at < 12 then redis.call('ZREM', KEYS[1], member) end
end
redis.call('ZADD', KEYS[1], ARGV[1], ARGV[3])
for i = 1, 3 do redis.call('EXPIRE', KEYS[i], ARGV[4]) end
return { redis.call('ZCARD', KEYS[1]), redis.call('GET', KEYS[2]), redis.call('GET', KEYS[3]) }`;

export interface Scripts {
  celeryTake(
    keyCount: number,
    ...keysAndArgs: (string | number)[]
  ): Promise<readonly (readonly [list: string, tag: string, text: string])[]>;
  celeryRefresh(keyCount: 1, index: string, now: number, ...tags: string[]): Promise<string[]>;
  celeryRestore(
    keyCount: 3,
    index: string,
    unacked: string,
    list: string,
    tag: string,
    before: number | string,
    text: string,
  ): Promise<number>;
  celeryStore(keyCount: 1, key: string, seconds: number, text: string): Promise<number>;
  celeryAddPart(
    keyCount: 3,
    parts: string,
    more: string,
    size: string,
    place: number | string,
    id: string,
    part: string,
    seconds: number,
  ): Promise<readonly [number, string | null, string | null]>;
}

/** The same client, with these as commands. */
export function withScripts(client: Redis): Redis & Scripts {
  client.defineCommand('celeryTake', { lua: TAKE });
  client.defineCommand('celeryRefresh', { lua: REFRESH });
  client.defineCommand('celeryRestore', { lua: RESTORE });
  client.defineCommand('celeryStore', { lua: STORE });
  client.defineCommand('celeryAddPart', { lua: ADD_PART });
  return client as Redis & Scripts;
}
