-- Is this the code? A right one is used up, the last wrong try kills it. One round trip.
-- KEYS: 1 code of (phone, chat), 2 wrong guesses of the chat
-- ARGV: 1 mac, 2 most tries, 3 most wrong guesses of a chat, 4 their window_ms
-- Returns {'OK', otp id} | {'BAD', tries left} | {'LOCKED'} | {'NONE'} | {'GUESSES', ms to wait}
local function left()
  local ms = redis.call('PTTL', KEYS[2])
  if ms < 0 then redis.call('PEXPIRE', KEYS[2], ARGV[4]); return tonumber(ARGV[4]) end
  return ms
end

if tonumber(redis.call('GET', KEYS[2]) or '0') >= tonumber(ARGV[3]) then return {'GUESSES', left()} end
local code = redis.call('HMGET', KEYS[1], 'h', 'i')
if not code[1] then return {'NONE'} end
if code[1] == ARGV[1] then
  redis.call('DEL', KEYS[1])
  return {'OK', code[2]}
end
local tries = redis.call('HINCRBY', KEYS[1], 'tries', 1)
redis.call('INCR', KEYS[2])
left()
if tries >= tonumber(ARGV[2]) then
  redis.call('DEL', KEYS[1])
  return {'LOCKED'}
end
return {'BAD', tonumber(ARGV[2]) - tries}
