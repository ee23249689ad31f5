-- The cart and how long it still lives. One round trip.
-- KEYS: 1 cart      Returns {state or '', ms left}
return {redis.call('GET', KEYS[1]) or '', redis.call('PTTL', KEYS[1])}
