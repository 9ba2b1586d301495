-- What all scripts share. A mailbox is one stream, so its length is what is queued plus what is leased.
local main, bell, closed, dead, room, full = KEYS[1], KEYS[2], KEYS[3], KEYS[4], KEYS[5], KEYS[6]
local group = ARGV[1]

-- Wakes one receiver that waits. It runs the receive script, which rings again if there is more to do.
local function ring()
  redis.call('XADD', bell, 'MAXLEN', 1, '*', 'r', '')
end

-- Wakes one process whose senders wait.
local function offer_room()
  if redis.call('LLEN', room) == 0 then redis.call('LPUSH', room, 1) end
end

-- The same, if a sender has found it full since.
local function made_room()
  if redis.call('DEL', full) == 1 then offer_room() end
end

local function ended()
  return redis.call('EXISTS', closed) == 1 and redis.call('XLEN', main) == 0
end

local function create_groups()
  for _, key in ipairs({main, bell}) do
    local made = redis.pcall('XGROUP', 'CREATE', key, group, '0', 'MKSTREAM')
    if made.err and not string.find(made.err, 'BUSYGROUP') then return made end
  end
end

-- Whose a message is, and how often it was delivered. Nothing if it is nobody's.
local function holder(id)
  local pending = redis.pcall('XPENDING', main, group, id, id, 1)
  if pending.err then
    -- Without a group there is no lease.
    if not string.find(pending.err, 'NOGROUP') then error(pending) end
  elseif pending[1] then
    return pending[1][2], pending[1][4]
  end
end

-- Takes a message out and keeps it among the dead letters.
local function bury(id, payload, attempts, why)
  redis.call('XADD', dead, '*', 'p', payload, 'id', id, 'attempts', attempts, 'why', why)
  redis.call('XACK', main, group, id)
  redis.call('XDEL', main, id)
end

local acked, freed, given_back = {}, false, false

-- Who holds these messages, by message, and whether all others of them are nobody's. One question for all of them is
-- much cheaper than one for each, if they are near to each other.
local function holders(ids)
  local known, low, high = {}, nil, nil
  for _, id in ipairs(ids) do
    local time, place = string.match(id, '^(%d+)-(%d+)$')
    local number = {tonumber(time), tonumber(place), id}
    -- Lua counts exactly up to here.
    if number[1] >= 2^53 or number[2] >= 2^53 then return known, false end
    local function before(a, b) return a[1] < b[1] or a[1] == b[1] and a[2] < b[2] end
    if not low or before(number, low) then low = number end
    if not high or before(high, number) then high = number end
  end
  if #ids < 2 then return known, false end
  local limit = 2 * #ids + 8
  local pending = redis.pcall('XPENDING', main, group, low[3], high[3], limit)
  -- The question for each has the same answer.
  if pending.err then return known, false end
  for _, entry in ipairs(pending) do known[entry[1]] = {entry[2], entry[4]} end
  return known, #pending < limit
end

-- ARGV from `at` on: `count` settlements of four: what to do (ack, nack, renew, dead), for which consumer, with which
-- message, of which delivery. Returns for each: 1 done, 0 the message was delivered again, 2 it is nobody's (any more).
-- `known` and `all` are what `holders` returns. `settled` ends what one call or several of them began.
local function settle(at, count, known, all)
  local results = {}
  for i = at, at + 4 * (count - 1), 4 do
    local what, who, id = ARGV[i], ARGV[i + 1], ARGV[i + 2]
    local whose, attempts
    if known[id] then
      whose, attempts = known[id][1], known[id][2]
    elseif not all then
      whose, attempts = holder(id)
    end
    local result = 2
    if whose then result = (whose == who and attempts == tonumber(ARGV[i + 3])) and 1 or 0 end
    if result == 1 then
      if what == 'a' then
        acked[#acked + 1] = id
      elseif what == 'r' then
        redis.call('XCLAIM', main, group, who, 0, id, 'IDLE', 0, 'JUSTID')
      elseif what == 'n' then
        -- As if it had been leased for longer than any lease.
        redis.call('XCLAIM', main, group, who, 0, id, 'IDLE', 4000000000, 'JUSTID')
        given_back = true
      else
        local found = redis.call('XRANGE', main, id, id)
        if found[1] then bury(id, found[1][2][2], attempts, 'undecodable') end
        freed = true
      end
    end
    results[#results + 1] = result
  end
  return results
end

local function settled()
  -- Lua cannot unpack more than some thousands.
  for i = 1, #acked, 1000 do
    local last = math.min(i + 999, #acked)
    redis.call('XACK', main, group, unpack(acked, i, last))
    redis.call('XDEL', main, unpack(acked, i, last))
    freed = true
  end
  -- Mostly nobody waits for room and the mailbox is open, and one question tells.
  local either = freed and redis.call('EXISTS', full, closed) > 0
  if either then made_room() end
  if given_back or either and ended() then ring() end
end
