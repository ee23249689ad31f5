-- A whole turn that ran ahead on what this process remembered of the chat: save it if that was still true. One round
-- trip in place of the two of turn_begin and turn_end.
-- KEYS: 1 session, 2 lock, 3 seen, 4 answers
-- ARGV: 1 token of this turn, 2 token of the turn it went on from, 3 state, 4 state ttl ms, 5 update id, 6 seen ttl ms,
--       7 seen kept, 8 answer, 9 answer ttl ms, 10 answers kept
-- Returns {'OK'} | {'SEEN', answer or ''} | {'NO'}: another turn is under way or came between, nothing was saved.
if redis.call('ZSCORE', KEYS[3], ARGV[5]) then
  local prefix = ARGV[5] .. '\n'
  for _, kept in ipairs(redis.call('LRANGE', KEYS[4], 0, -1)) do
    if string.sub(kept, 1, #prefix) == prefix then return {'SEEN', string.sub(kept, #prefix + 1)} end
  end
  return {'SEEN', ''}
end
if redis.call('EXISTS', KEYS[2]) == 1 or redis.call('HGET', KEYS[1], 't') ~= ARGV[2] then return {'NO'} end
redis.call('HINCRBY', KEYS[1], 'v', 1)
redis.call('HSET', KEYS[1], 's', ARGV[3], 't', ARGV[1])
redis.call('PEXPIRE', KEYS[1], ARGV[4])
local now = redis.call('TIME')
redis.call('ZADD', KEYS[3], now[1] .. string.format('%06d', now[2]), ARGV[5])
redis.call('ZREMRANGEBYRANK', KEYS[3], 0, -(tonumber(ARGV[7]) + 1))
redis.call('PEXPIRE', KEYS[3], ARGV[6])
redis.call('LPUSH', KEYS[4], ARGV[5] .. '\n' .. ARGV[8])
redis.call('LTRIM', KEYS[4], 0, tonumber(ARGV[10]) - 1)
redis.call('PEXPIRE', KEYS[4], ARGV[9])
return {'OK'}
