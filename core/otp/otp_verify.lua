-- Is this the code? A right one is used up, the last wrong try kills it. One round trip.
-- KEYS: 1 code of (phone, chat), 2 wrong guesses of the chat, 3 wrong codes of the phone, 4 codes of its number series,
--       5 rest of the chat
-- ARGV: 1 most tries, 2 most wrong guesses of a chat, 3 their window_ms, 4 chat, 5 window_ms of KEYS 3,
--       6.. mac of the guess, one under each secret
-- Returns {'OK', otp id} | {'BAD', tries left, wrong codes of the phone} | {'LOCKED', wrong codes of the phone}
--       | {'NONE'} | {'GUESSES', ms to wait}
local function left()
  local ms = redis.call('PTTL', KEYS[2])
  if ms < 0 then redis.call('PEXPIRE', KEYS[2], ARGV[3]); return tonumber(ARGV[3]) end
  return ms
end

local rests = redis.call('PTTL', KEYS[5])
if rests > 0 then return {'GUESSES', rests} end
if tonumber(redis.call('GET', KEYS[2]) or '0') >= tonumber(ARGV[2]) then return {'GUESSES', left()} end
local code = redis.call('HMGET', KEYS[1], 'h', 'i', 'own')
if not code[1] then return {'NONE'} end
for i = 6, #ARGV do
  if code[1] == ARGV[i] then
    redis.call('DEL', KEYS[1])
    local place = redis.call('LPOS', KEYS[4], code[2])
    if place then redis.call('LSET', KEYS[4], place, '+') end
    return {'OK', code[2]}
  end
end
local tries = redis.call('HINCRBY', KEYS[1], 'tries', 1)
redis.call('INCR', KEYS[2])
left()

-- What the owner mistypes in a chat that proved the phone is the owner's own matter.
local wrong = 0
if code[3] ~= '1' then
  local t = redis.call('TIME')
  local now = tonumber(t[1]) * 1000 + math.floor(tonumber(t[2]) / 1000)
  redis.call('LPUSH', KEYS[3], string.format('%.0f|%s', now, ARGV[4]))
  redis.call('LTRIM', KEYS[3], 0, 99)
  redis.call('PEXPIRE', KEYS[3], ARGV[5])
  for _, guess in ipairs(redis.call('LRANGE', KEYS[3], 0, -1)) do
    if tonumber(string.match(guess, '^%d+')) + tonumber(ARGV[5]) > now then wrong = wrong + 1 end
  end
end
if tries >= tonumber(ARGV[1]) then
  redis.call('DEL', KEYS[1])
  return {'LOCKED', wrong}
end
return {'BAD', tonumber(ARGV[1]) - tries, wrong}
