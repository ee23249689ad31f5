-- One change to a cart. The same tap again changes nothing. One round trip.
-- KEYS: 1 cart
-- ARGV: 1 tap, 2 ttl_ms, 3 most lines, 4 most portions of a line, 5 taps remembered,
--       6 a checkout id known to have no order ('' when none), 7 what to do, 8.. with what
--   add JSON_LINES · replace JSON_LINES · change LINE BY · set LINE QTY · remove LINE
--   note TEXT · clear · join JSON_LINES NOTE LONGEST_NOTE · swap
-- Returns {outcome, detail, state, ms left}: OK, DUP | FULL, MAXQTY, GONE, OTHER outlet, PENDING checkout id
--
-- The state is JSON: v version · l lines [id, qty, item, variant, options, note] · n note · c checkout id frozen for
-- this version · p [version, checkout id] placed last · t the taps, eight characters each · m what is being moved ·
-- a [lines, note] put aside.
-- Empty lists are left out, because cjson would write them as objects.
local TAP = 8
local tap, ttl, max_lines, max_qty = ARGV[1], ARGV[2], tonumber(ARGV[3]), tonumber(ARGV[4])
local raw = redis.call('GET', KEYS[1])
local cart = raw and cjson.decode(raw)
if not cart then
  -- A cart that expired, or was lost with Redis, must not meet its old buttons again: versions of a new one begin at
  -- the present tenth of a second (since 2020), where no guest has tapped before.
  local time = redis.call('TIME')
  cart = {v = (tonumber(time[1]) - 1577836800) * 10 + math.floor(tonumber(time[2]) / 100000)}
end
local lines, taps = cart.l or {}, cart.t or ''

local function refuse(outcome, detail)
  return {outcome, detail or '', raw or '', redis.call('PTTL', KEYS[1])}
end

for at = 1, #taps, TAP do
  if string.sub(taps, at, at + TAP - 1) == tap then return refuse('DUP') end
end
if cart.c and cart.c ~= ARGV[6] then return refuse('PENDING', cart.c) end

local function find(id)
  for at, line in ipairs(lines) do
    if line[1] == id then return at, line end
  end
end

local function put(new)
  local _, line = find(new[1])
  if line then line[2] = line[2] + new[2] else table.insert(lines, new); line = new end
  if line[2] > max_qty then return 'MAXQTY' end
  if #lines > max_lines then return 'FULL' end
  local outlet, current = string.match(new[3], '^[^.]*'), string.match(lines[1][3], '^[^.]*')
  if outlet ~= current then return 'OTHER', current end
end

local op, said = ARGV[7], ''
if op == 'add' or op == 'replace' then
  if op == 'replace' then lines, cart.n = {}, nil end
  for _, new in ipairs(cjson.decode(ARGV[8])) do
    local outcome, detail = put(new)
    if outcome then return refuse(outcome, detail) end
  end
elseif op == 'change' or op == 'set' then
  local at, line = find(ARGV[8])
  if not at then return refuse('GONE') end
  local qty = tonumber(ARGV[9]) + (op == 'change' and line[2] or 0)
  if qty > max_qty then return refuse('MAXQTY') end
  if qty < 1 then table.remove(lines, at) else line[2] = qty end
elseif op == 'remove' then
  local at = find(ARGV[8])
  if at then table.remove(lines, at) end
elseif op == 'note' then
  cart.n = ARGV[8] ~= '' and ARGV[8] or nil
elseif op == 'join' then
  -- Two carts of one person. What does not fit into one is put aside whole.
  local held, note, longest = lines, cart.n or '', tonumber(ARGV[10])
  local fits, both = true, ARGV[9]
  local had = #held > 0
  lines = had and cjson.decode(cjson.encode(held)) or {}
  for _, new in ipairs(cjson.decode(ARGV[8])) do
    if put(new) then fits = false; break end
  end
  if note ~= '' and both ~= '' and note ~= both then both = note .. ' · ' .. both end
  local _, characters = string.gsub(both, '[^\128-\191]', '')
  if fits and characters <= longest then
    cart.n = both ~= '' and both or cart.n
    said = had and 'TOGETHER' or ''
  else
    cart.a, said = {held, note}, 'ASIDE'
    lines, cart.n = cjson.decode(ARGV[8]), ARGV[9] ~= '' and ARGV[9] or nil
  end
elseif op == 'swap' then
  if not cart.a then return refuse('GONE') end
  local other = cart.a
  cart.a = #lines > 0 and {lines, cart.n or ''} or nil
  lines, cart.n = other[1], other[2] ~= '' and other[2] or nil
elseif op == 'clear' then
  lines, cart.n = {}, nil
else
  return redis.error_reply('no such change: ' .. op)
end

cart.v, cart.c = cart.v + 1, nil
cart.l = #lines > 0 and lines or nil
cart.t = string.sub(taps .. tap, -TAP * tonumber(ARGV[5]))
local state = cjson.encode(cart)
redis.call('SET', KEYS[1], state, 'PX', ttl)
return {'OK', said, state, tonumber(ttl)}
