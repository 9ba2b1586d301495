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

-- Takes a message out and keeps it among the dead letters.
local function bury(id, payload, attempts, why)
  redis.call('XADD', dead, '*', 'p', payload, 'id', id, 'attempts', attempts, 'why', why)
  redis.call('XACK', main, group, id)
  redis.call('XDEL', main, id)
end

-- ARGV from `at` on: triples of what to do (ack, nack, renew, dead), for which consumer, with which message.
-- Returns for each: 1 done, 0 the lease is another consumer's, 2 the message is nobody's (any more).
local function settle(at)
  local results, acked, freed, rang = {}, {}, false, false
  for i = at, #ARGV - 2, 3 do
    local what, who, id = ARGV[i], ARGV[i + 1], ARGV[i + 2]
    local pending = redis.pcall('XPENDING', main, group, id, id, 1)
    local result = 2
    if pending.err then
      if not string.find(pending.err, 'NOGROUP') then return results, pending end
    elseif #pending > 0 then
      result = pending[1][2] == who and 1 or 0
    end
    if result == 1 then
      local attempts = pending[1][4]
      if what == 'a' then
        acked[#acked + 1] = id
      elseif what == 'r' then
        redis.call('XCLAIM', main, group, who, 0, id, 'IDLE', 0, 'JUSTID')
      elseif what == 'n' then
        -- As if it had been leased for longer than any lease.
        redis.call('XCLAIM', main, group, who, 0, id, 'IDLE', 4000000000, 'JUSTID')
        rang = true
      else
        local found = redis.call('XRANGE', main, id, id)
        if found[1] then bury(id, found[1][2][2], attempts, 'undecodable') end
        freed = true
      end
    end
    results[#results + 1] = result
  end
  if #acked > 0 then
    redis.call('XACK', main, group, unpack(acked))
    redis.call('XDEL', main, unpack(acked))
    freed = true
  end
  if freed then
    offer_room()
    rang = rang or ended()
  end
  if rang then ring() end
  return results
end
