-- End a turn: save the state if nobody else did, remember the update and its answer, unlock. One round trip.
-- KEYS: 1 session, 2 lock, 3 seen, 4 answers
-- ARGV: 1 token, 2 version read at the beginning, 3 state, 4 state ttl ms, 5 update id, 6 seen ttl ms, 7 seen kept,
--       8 answer, 9 answer ttl ms, 10 answers kept
-- Returns 1 when the state was saved, 0 when a later turn had saved before (this one's lock ran out meanwhile).
local saved = 0
if tonumber(redis.call('HGET', KEYS[1], 'v') or '0') == tonumber(ARGV[2]) then
  redis.call('HSET', KEYS[1], 'v', tonumber(ARGV[2]) + 1, 's', ARGV[3], 't', ARGV[1])
  redis.call('PEXPIRE', KEYS[1], ARGV[4])
  saved = 1
end
local now = redis.call('TIME')
redis.call('ZADD', KEYS[3], now[1] .. string.format('%06d', now[2]), ARGV[5])
redis.call('ZREMRANGEBYRANK', KEYS[3], 0, -(tonumber(ARGV[7]) + 1))
redis.call('PEXPIRE', KEYS[3], ARGV[6])
redis.call('LPUSH', KEYS[4], ARGV[5] .. '\n' .. ARGV[8])
redis.call('LTRIM', KEYS[4], 0, tonumber(ARGV[10]) - 1)
redis.call('PEXPIRE', KEYS[4], ARGV[9])
if redis.call('GET', KEYS[2]) == ARGV[1] then redis.call('DEL', KEYS[2]) end
return saved
