-- One more from somebody: fine, or the beginning of a pause, or in the middle of one.
-- KEYS: 1 bucket      ARGV: 1 capacity, 2 milliseconds to fill it, 3 milliseconds of a pause, 4 how many come at once
-- Returns {0, 0} to go on, {milliseconds of the pause that are left, 1 when it begins here}
local capacity, fill_ms, pause_ms = tonumber(ARGV[1]), tonumber(ARGV[2]), tonumber(ARGV[3])
local many = tonumber(ARGV[4])
local time = redis.call('TIME')
local now = time[1] * 1000 + math.floor(time[2] / 1000)
local kept = redis.call('HMGET', KEYS[1], 'tokens', 'at', 'until')
local ends = tonumber(kept[3] or 0)
if ends > now then return {ends - now, 0} end
local tokens = tonumber(kept[1] or capacity)
local at = tonumber(kept[2] or now)
tokens = math.min(capacity, tokens + math.max(0, now - at) * capacity / fill_ms)
local answer = {0, 0}
if tokens >= many then
  tokens = tokens - many
else
  redis.call('HSET', KEYS[1], 'until', now + pause_ms)
  answer = {pause_ms, 1}
end
redis.call('HSET', KEYS[1], 'tokens', tokens, 'at', now)
redis.call('PEXPIRE', KEYS[1], fill_ms + pause_ms)
return answer
