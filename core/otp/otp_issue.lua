-- May a code be sent? If so remember it, and count. All or nothing, one round trip; time is the server's.
-- KEYS: 1 code of (phone, chat), 2 sending times of the phone, 3 phones of the chat, 4 sent to the chat, 5 and 6 budget
-- ARGV: 1 mac, 2 otp id, 3 code ttl_ms, 4 phone as the set knows it, 5 most phones of a chat, 6 their window_ms,
--       7..12 most and window_ms of KEYS 4, 5, 6, then most and window_ms of each limit on the phone
-- Returns {'OK', sending time} | {'PHONE', n, ms to wait} | {'CHAT', ms} | {'COUNTER', n, ms}
local t = redis.call('TIME')
local now = tonumber(t[1]) * 1000 + math.floor(tonumber(t[2]) / 1000)

-- A counter without an end would refuse for ever.
local function left(key, window)
  local ms = redis.call('PTTL', key)
  if ms < 0 then redis.call('PEXPIRE', key, window); return tonumber(window) end
  return ms
end

-- The times themselves are kept, newest first, so a limit holds in every stretch of its window.
local sent, longest, most_kept = redis.call('LRANGE', KEYS[2], 0, -1), 0, 0
for i = 13, #ARGV, 2 do
  local most, window = tonumber(ARGV[i]), tonumber(ARGV[i + 1])
  local nth = tonumber(sent[most] or 0)
  if nth + window > now then return {'PHONE', (i - 11) / 2, nth + window - now} end
  longest, most_kept = math.max(longest, window), math.max(most_kept, most)
end
if redis.call('SISMEMBER', KEYS[3], ARGV[4]) == 0 and redis.call('SCARD', KEYS[3]) >= tonumber(ARGV[5]) then
  return {'CHAT', left(KEYS[3], ARGV[6])}
end
for n = 1, 3 do
  local key, most, window = KEYS[3 + n], tonumber(ARGV[5 + 2 * n]), ARGV[6 + 2 * n]
  if tonumber(redis.call('GET', key) or '0') >= most then
    return {'COUNTER', n, redis.call('EXISTS', key) == 1 and left(key, window) or tonumber(window)}
  end
end

for n = 1, 3 do
  redis.call('INCR', KEYS[3 + n])
  left(KEYS[3 + n], ARGV[6 + 2 * n])
end
redis.call('SADD', KEYS[3], ARGV[4])
left(KEYS[3], ARGV[6])
redis.call('LPUSH', KEYS[2], now)
redis.call('LTRIM', KEYS[2], 0, most_kept - 1)
redis.call('PEXPIRE', KEYS[2], longest)
redis.call('DEL', KEYS[1])
redis.call('HSET', KEYS[1], 'h', ARGV[1], 'i', ARGV[2], 'tries', 0)
redis.call('PEXPIRE', KEYS[1], ARGV[3])
return {'OK', now}
