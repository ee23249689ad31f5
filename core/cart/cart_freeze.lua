-- Fix one version of a cart for checkout: the first id given to a version stays. One round trip.
-- KEYS: 1 cart      ARGV: 1 expected version, 2 new checkout id, 3 ttl_ms
-- Returns {outcome, detail, state, ms left}: NEW checkout id, OLD checkout id (frozen before) |
--   PLACED checkout id (this very version was placed), EMPTY version, STALE version
local raw = redis.call('GET', KEYS[1])
local cart = raw and cjson.decode(raw) or {v = 0}
local expected, version = tonumber(ARGV[1]), string.format('%d', cart.v)

local function answer(outcome, detail)
  return {outcome, detail, raw or '', redis.call('PTTL', KEYS[1])}
end

if cart.p and cart.p[1] == expected then return answer('PLACED', cart.p[2]) end
if not cart.l then return answer('EMPTY', version) end
if cart.v ~= expected then return answer('STALE', version) end
if cart.c then return answer('OLD', cart.c) end
cart.c = ARGV[2]
raw = cjson.encode(cart)
redis.call('SET', KEYS[1], raw, 'PX', ARGV[3])
return answer('NEW', cart.c)
