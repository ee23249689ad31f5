-- Take the lines out of a cart to move them to another one, or confirm that they arrived. One round trip.
-- KEYS: 1 cart      ARGV: 1 ttl_ms, 2 the move that arrived ('' to take)
-- Returns {} when nothing is left to move | {move, JSON lines, note}
-- What was taken stays in the cart, apart from its lines, until its arrival is confirmed: taking again after a crash
-- hands out the same lines under the same name.
local raw = redis.call('GET', KEYS[1])
local cart = raw and cjson.decode(raw)
if not cart then return {} end

local function save()
  redis.call('SET', KEYS[1], cjson.encode(cart), 'PX', ARGV[1])
end

if cart.m and cart.m[1] == ARGV[2] then
  cart.m = nil
  save()
end
if not cart.m and cart.l then
  cart.v = cart.v + 1
  cart.m = {string.format('%d', cart.v), cart.l, cart.n or ''}
  cart.l, cart.n, cart.c = nil, nil, nil
  save()
end
if not cart.m then return {} end
return {cart.m[1], cjson.encode(cart.m[2]), cart.m[3]}
