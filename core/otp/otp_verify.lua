-- Is this the code? A right one is used up, the last wrong try kills it. One round trip.
-- KEYS: 1 code of (phone, chat), 2 wrong guesses of the chat
-- ARGV: 1 most tries, 2 most wrong guesses of a chat, 3 their window_ms, 4.. mac of the guess, one under each secret
-- Returns {'OK', otp id} | {'BAD', tries left} | {'LOCKED'} | {'NONE'} | {'GUESSES', ms to wait}
local function left()
  local ms = redis.call('PTTL', KEYS[2])
  if ms < 0 then redis.call('PEXPIRE', KEYS[2], ARGV[3]); return tonumber(ARGV[3]) end
  return ms
end

if tonumber(redis.call('GET', KEYS[2]) or '0') >= tonumber(ARGV[2]) then return {'GUESSES', left()} end
local code = redis.call('HMGET', KEYS[1], 'h', 'i')
if not code[1] then return {'NONE'} end
for i = 4, #ARGV do
  if code[1] == ARGV[i] then
    redis.call('DEL', KEYS[1])
    return {'OK', code[2]}
  end
end
local tries = redis.call('HINCRBY', KEYS[1], 'tries', 1)
redis.call('INCR', KEYS[2])
left()
if tries >= tonumber(ARGV[1]) then
  redis.call('DEL', KEYS[1])
  return {'LOCKED'}
end
return {'BAD', tonumber(ARGV[1]) - tries}
