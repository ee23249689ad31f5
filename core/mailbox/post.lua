-- Leave a message for a chat and wake whoever holds its stream open. One round trip.
-- KEYS: 1 messages      ARGV: 1 message, 2 kept at most, 3 ttl ms, 4 wake-up channel, 5 chat
-- Returns the message's place in the stream.
local place = redis.call('XADD', KEYS[1], 'MAXLEN', '~', ARGV[2], '*', 'm', ARGV[1])
redis.call('PEXPIRE', KEYS[1], ARGV[3])
redis.call('PUBLISH', ARGV[4], ARGV[5])
return place
