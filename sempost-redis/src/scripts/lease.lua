-- KEYS: a sorted set of tokens by the time at which they expire, the last token, a list that wakes one who waits.
-- ARGV: what to do, limit, ttl in ms, whether this process was woken, token.
local holders, counter, free = KEYS[1], KEYS[2], KEYS[3]
local limit, ttl, woken, token = tonumber(ARGV[2]), tonumber(ARGV[3]), ARGV[4] == '1', ARGV[5]
local time = redis.call('TIME')
local now = time[1] * 1000 + math.floor(time[2] / 1000)

local function offer()
  if redis.call('LLEN', free) == 0 then redis.call('LPUSH', free, 1) end
end

redis.call('ZREMRANGEBYSCORE', holders, '-inf', now)
if ARGV[1] == 'acquire' then
  local held = redis.call('ZCARD', holders)
  if held >= limit then
    redis.call('DEL', free)
    local first = redis.call('ZRANGE', holders, 0, 0, 'WITHSCORES')
    return {'', tonumber(first[2]) - now}
  end
  -- Rises even if the server has forgotten the last one: time passes.
  local last = tonumber(redis.call('GET', counter) or '0')
  local new = string.format('%.0f', math.max(last + 1, time[1] * 1000000 + time[2]))
  redis.call('SET', counter, new)
  redis.call('ZADD', holders, now + ttl, new)
  if woken and held + 1 < limit then offer() end
  return {new, 0}
end
if not redis.call('ZSCORE', holders, token) then return {'', 0} end
if ARGV[1] == 'renew' then
  redis.call('ZADD', holders, now + ttl, token)
else
  redis.call('ZREM', holders, token)
  offer()
end
return {token, 0}
