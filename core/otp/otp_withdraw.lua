-- No message went out: forget the code and give its sending time back. What the chat and the budget counted stays.
-- KEYS: 1 code of (phone, chat), 2 sending times of the phone, 3 codes of the number series
-- ARGV: 1 otp id, 2 sending time
if redis.call('HGET', KEYS[1], 'i') == ARGV[1] then redis.call('DEL', KEYS[1]) end
redis.call('LREM', KEYS[3], 1, ARGV[1])
return redis.call('LREM', KEYS[2], 1, ARGV[2])
