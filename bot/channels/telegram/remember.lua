-- Remember which message of the channel shows what we sent, and let the longest untouched go when there are too many.
-- KEYS: 1 messages
-- ARGV: 1 ttl ms, 2 kept at most, 3 now in seconds, then pairs of our id and what to remember of it ("" forgets it)
-- Returns how many are kept.
for n = 4, #ARGV, 2 do
  if ARGV[n + 1] == '' then
    redis.call('HDEL', KEYS[1], ARGV[n])
  else
    redis.call('HSET', KEYS[1], ARGV[n], ARGV[n + 1] .. ':' .. ARGV[3])
  end
end
redis.call('PEXPIRE', KEYS[1], ARGV[1])
local kept = tonumber(ARGV[2])
if redis.call('HLEN', KEYS[1]) > kept then
  local all, ages = redis.call('HGETALL', KEYS[1]), {}
  for n = 1, #all, 2 do ages[#ages + 1] = {all[n], tonumber(string.match(all[n + 1], ':(%d+)$') or '0')} end
  table.sort(ages, function(a, b) return a[2] < b[2] end)
  for n = 1, #ages - math.floor(kept * 3 / 4) do redis.call('HDEL', KEYS[1], ages[n][1]) end
end
return redis.call('HLEN', KEYS[1])
