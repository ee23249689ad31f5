-- A place in a chat's sending order, and in the bot's as a whole. Time reserved is theoretical arrival time (GCRA):
-- each call gets a place of its own, so nobody asks again and again and nobody overtakes.
-- KEYS: 1 the chat, 2 all chats together, 3 the chat's pause
-- ARGV: 1 ms a message takes in the chat (0: its place was reserved before; less than 0: give a place back),
--       2 ms the chat may run ahead, 3 ms a message takes of the whole (0: it takes nothing),
--       4 ms the whole may run ahead, 5 the longest wait in ms
-- Returns {ms to wait, what for}: 0 go · 1 your place in the chat: wait, then come again with ARGV[1] = 0
--                                 2 your place in the whole: wait, then go · 3 too long, nothing reserved
local time = redis.call('TIME')
local now = time[1] * 1000 + math.floor(time[2] / 1000)
local patience = tonumber(ARGV[5])
local function place(key, takes, ahead, least)
  local arrival = math.max(tonumber(redis.call('GET', key) or '0'), now + least)
  local wait = math.max(0, arrival - ahead - now, least)
  if wait <= patience then
    local next = arrival + takes
    redis.call('SET', key, string.format('%.0f', next), 'PX', math.max(1, math.ceil(next - now)))
  end
  return math.ceil(wait)
end
if tonumber(ARGV[1]) < 0 then
  if redis.call('EXISTS', KEYS[1]) == 1 then redis.call('INCRBY', KEYS[1], ARGV[1]) end
  return {0, 0}
end
local pause = math.max(0, redis.call('PTTL', KEYS[3]))
if pause > patience then return {pause, 3} end
local wait = pause
if tonumber(ARGV[1]) > 0 then wait = place(KEYS[1], tonumber(ARGV[1]), tonumber(ARGV[2]), pause) end
if wait > patience then return {wait, 3} end
if wait > 0 then return {wait, 1} end
if tonumber(ARGV[3]) > 0 then
  wait = place(KEYS[2], tonumber(ARGV[3]), tonumber(ARGV[4]), 0)
  if wait > patience then return {wait, 3} end
  if wait > 0 then return {wait, 2} end
end
return {0, 0}
