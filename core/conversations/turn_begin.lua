-- Begin a turn: was this update seen, is somebody else in a turn, what was said so far. One round trip.
-- KEYS: 1 session, 2 lock, 3 seen, 4 answers      ARGV: 1 token, 2 lock_ms, 3 update id
-- Returns {'SEEN', answer or ''} | {'BUSY', ms left} | {'OK', version, state or ''}
if redis.call('ZSCORE', KEYS[3], ARGV[3]) then
  local prefix = ARGV[3] .. '\n'
  for _, kept in ipairs(redis.call('LRANGE', KEYS[4], 0, -1)) do
    if string.sub(kept, 1, #prefix) == prefix then return {'SEEN', string.sub(kept, #prefix + 1)} end
  end
  return {'SEEN', ''}
end
if not redis.call('SET', KEYS[2], ARGV[1], 'NX', 'PX', ARGV[2]) then
  return {'BUSY', redis.call('PTTL', KEYS[2])}
end
local kept = redis.call('HMGET', KEYS[1], 'v', 's')
return {'OK', tonumber(kept[1] or '0'), kept[2] or ''}
