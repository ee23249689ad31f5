-- Empty the cart whose frozen version was placed. One that changed meanwhile survives. One round trip.
-- KEYS: 1 cart      ARGV: 1 checkout id, 2 ttl_ms      Returns 1 (emptied) | 0
-- What stays is a tombstone: the version and checkout id that were placed, for a second device holding the same
-- review, and the taps, so that a tap delivered again does not fill the cart anew.
local raw = redis.call('GET', KEYS[1])
local cart = raw and cjson.decode(raw)
if not cart or cart.c ~= ARGV[1] then return 0 end
local tomb = {v = cart.v + 1, p = {cart.v, cart.c}, t = cart.t, m = cart.m, a = cart.a}
redis.call('SET', KEYS[1], cjson.encode(tomb), 'PX', ARGV[2])
return 1
