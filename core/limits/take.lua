-- Take one token from a bucket that fills evenly.   KEYS: 1 bucket      ARGV: 1 capacity, 2 milliseconds to fill it
-- Returns 0 when there was one, else the milliseconds until there is.
local capacity, fill_ms = tonumber(ARGV[1]), tonumber(ARGV[2])
local time = redis.call('TIME')
local now = time[1] * 1000 + math.floor(time[2] / 1000)
local kept = redis.call('HMGET', KEYS[1], 'tokens', 'at')
local tokens = tonumber(kept[1] or capacity)
local at = tonumber(kept[2] or now)
tokens = math.min(capacity, tokens + math.max(0, now - at) * capacity / fill_ms)
local wait = 0
if tokens >= 1 then tokens = tokens - 1 else wait = math.ceil((1 - tokens) * fill_ms / capacity) end
redis.call('HSET', KEYS[1], 'tokens', tokens, 'at', now)
redis.call('PEXPIRE', KEYS[1], fill_ms)
return wait
