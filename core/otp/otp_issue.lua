-- May a code be sent? If so remember it, and count. All or nothing, one round trip; time is the server's.
-- KEYS: 1 code of (phone, chat), 2 sending times of the phone, 3 phones of the chat, 4 phones the chat asked for,
--       5 rest of the chat, 6 wrong codes of the phone, 7 codes of the number series, 8 its stop, 9 its probation,
--       10.. counters
-- ARGV, in this order: mac, otp id, code ttl_ms; chat, phone as sets know it, 1 when the chat proved this phone;
--       most phones of a chat, window_ms; most phones it asks for, window_ms; most wrong codes of a phone, window_ms,
--       pause_ms; codes of a series that are looked at, the same on probation, percent that must be used, stop_ms,
--       probation_ms; how many counters; then most and window_ms of each counter, then of each limit on the phone
-- Returns {'OK', sending time} | {'PHONE', n, ms to wait} | {'CHAT', ms} | {'COUNTER', n, ms} | {'RESTS', ms}
--       | {'WRONG', ms} | {'SERIES', ms, since, used, of}
local t = redis.call('TIME')
local now = tonumber(t[1]) * 1000 + math.floor(tonumber(t[2]) / 1000)
local at = 0
local function text() at = at + 1; return ARGV[at] end
local function number() return tonumber(text()) end

-- A counter without an end would refuse for ever.
local function left(key, window)
  local ms = redis.call('PTTL', key)
  if ms < 0 then redis.call('PEXPIRE', key, window); return tonumber(window) end
  return ms
end

local mac, otp_id, code_ttl, chat, phone, linked = text(), text(), text(), text(), text(), number() == 1
local most_phones, phones_window, most_asked, asked_window = number(), number(), number(), number()
local most_wrong, wrong_window, wrong_pause = number(), number(), number()
local sample, again, share, stop, probation, counters = number(), number(), number(), number(), number(), number()

-- Who asks for one number after the other, refused or not, is not a guest. This alone counts refused requests too.
redis.call('SADD', KEYS[4], phone)
left(KEYS[4], asked_window)
if redis.call('SCARD', KEYS[4]) >= most_asked then
  redis.call('DEL', KEYS[4])
  redis.call('SET', KEYS[5], now, 'PX', asked_window)
end
local rests = redis.call('PTTL', KEYS[5])
if rests > 0 then return {'RESTS', rests} end

-- The chats that guessed wait; nobody else does, least of all the phone's owner.
if not linked then
  local wrong, newest = 0, 0
  for _, guess in ipairs(redis.call('LRANGE', KEYS[6], 0, -1)) do
    local ms, by = string.match(guess, '^(%d+)|(.*)$')
    ms = tonumber(ms)
    if ms + wrong_window > now then
      wrong = wrong + 1
      if by == chat then newest = math.max(newest, ms) end
    end
  end
  if wrong >= most_wrong and newest + wrong_pause > now then return {'WRONG', newest + wrong_pause - now} end
end

-- The times themselves are kept, newest first, so a limit holds in every stretch of its window.
local first_counter, first_limit = at + 1, at + 1 + 2 * counters
local sent, longest, most_kept = redis.call('LRANGE', KEYS[2], 0, -1), 0, 0
for i = first_limit, #ARGV, 2 do
  local most, window = tonumber(ARGV[i]), tonumber(ARGV[i + 1])
  local nth = tonumber(sent[most] or 0)
  if nth + window > now then return {'PHONE', (i - first_limit) / 2 + 1, nth + window - now} end
  longest, most_kept = math.max(longest, window), math.max(most_kept, most)
end
if redis.call('SISMEMBER', KEYS[3], phone) == 0 and redis.call('SCARD', KEYS[3]) >= most_phones then
  return {'CHAT', left(KEYS[3], phones_window)}
end
for n = 1, counters do
  local key, most, window = KEYS[9 + n], tonumber(ARGV[first_counter + 2 * n - 2]), ARGV[first_counter + 2 * n - 1]
  if tonumber(redis.call('GET', key) or '0') >= most then
    return {'COUNTER', n, redis.call('EXISTS', key) == 1 and left(key, window) or tonumber(window)}
  end
end

-- Of the last codes to this series of numbers, how many came back?
local codes = redis.call('LRANGE', KEYS[7], 0, sample - 1)
local enough = redis.call('EXISTS', KEYS[9]) == 1 and again or sample
if #codes >= enough then
  local used = 0
  for _, code in ipairs(codes) do if code == '+' then used = used + 1 end end
  if used * 100 < share * #codes then
    redis.call('HSET', KEYS[8], 'since', now, 'used', used, 'of', #codes)
    redis.call('PEXPIRE', KEYS[8], stop)
    redis.call('SET', KEYS[9], now, 'PX', probation)
    redis.call('DEL', KEYS[7])  -- judged; behind the stop it begins anew
  end
end
if not linked then
  local stopped = redis.call('HMGET', KEYS[8], 'since', 'used', 'of')
  if stopped[1] then return {'SERIES', left(KEYS[8], stop), stopped[1], stopped[2], stopped[3]} end
end

for n = 1, counters do
  redis.call('INCR', KEYS[9 + n])
  left(KEYS[9 + n], ARGV[first_counter + 2 * n - 1])
end
redis.call('SADD', KEYS[3], phone)
left(KEYS[3], phones_window)
redis.call('LPUSH', KEYS[2], now)
redis.call('LTRIM', KEYS[2], 0, most_kept - 1)
redis.call('PEXPIRE', KEYS[2], longest)
redis.call('LPUSH', KEYS[7], otp_id)
redis.call('LTRIM', KEYS[7], 0, sample - 1)
redis.call('PEXPIRE', KEYS[7], probation)
redis.call('DEL', KEYS[1])
redis.call('HSET', KEYS[1], 'h', mac, 'i', otp_id, 'tries', 0, 'own', linked and 1 or 0)
redis.call('PEXPIRE', KEYS[1], code_ttl)
return {'OK', now}
