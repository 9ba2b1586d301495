-- What all scripts share. A mailbox is one stream, so its length is what is queued plus what is leased.
local main, bell, closed, dead, room = KEYS[1], KEYS[2], KEYS[3], KEYS[4], KEYS[5]
local group = ARGV[1]

-- Wakes one receiver that waits. It runs the receive script, which rings again if there is more to do.
local function ring()
  redis.call('XADD', bell, 'MAXLEN', 1, '*', 'r', '')
end

-- Wakes one process whose senders wait.
local function offer_room()
  if redis.call('LLEN', room) == 0 then redis.call('LPUSH', room, 1) end
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

-- ARGV from `at` on: `count` settlements of four: what to do (ack, nack, renew, dead), for which consumer, with which
-- message, of which delivery. Returns for each: 1 done, 0 the message was delivered again, 2 it is nobody's (any more).
-- `settled` ends what one call or several of them began.
local function settle(at, count)
  local results = {}
  for i = at, at + 4 * (count - 1), 4 do
    local what, who, id = ARGV[i], ARGV[i + 1], ARGV[i + 2]
    local whose, attempts = holder(id)
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
  if freed then offer_room() end
  if given_back or freed and ended() then ring() end
end
