-- What the scripts share that know of leases.

-- The entry of a message: whose it is, and how often it was delivered. Nothing if it is nobody's.
local function holder(id)
  local pending = redis.pcall('XPENDING', main, group, id, id, 1)
  if not pending.err then return pending[1] end
  -- Without a group there is no lease.
  if not string.find(pending.err, 'NOGROUP') then error(pending) end
end

-- Takes a message out and keeps it among the dead letters.
local function bury(id, payload, attempts, why)
  redis.call('XADD', dead, '*', 'p', payload, 'id', id, 'attempts', attempts, 'why', why)
  redis.call('XACK', main, group, id)
  redis.call('XDEL', main, id)
end

-- Gets lists of settlements: where in ARGV it is (`at`), and how many of four parts it has (`count`): what to do (ack,
-- nack, renew, dead), for which consumer, with which message, of which delivery. Leaves `results` with it, for each: 1
-- done, 0 the message was delivered again, 2 it is nobody's (any more).
local function settle(lists)
  local all, low, high, known = 0, nil, nil, {}
  for _, list in ipairs(lists) do
    all = all + list.count
    for i = list.at + 2, list.at + 4 * list.count, 4 do
      local id = ARGV[i]
      if not low or #id < #low or #id == #low and id < low then low = id end
      if not high or #id > #high or #id == #high and id > high then high = id end
    end
  end
  -- One question for all is much cheaper than one for each, if they are near to each other. It finds most: a longer
  -- number is greater, mostly.
  if all > 1 then
    local pending = redis.pcall('XPENDING', main, group, low, high, 2 * all + 8)
    for _, entry in ipairs(pending.err and {} or pending) do known[entry[1]] = entry end
  end

  local acked, freed, given_back = {}, false, false
  for _, list in ipairs(lists) do
    list.results = {}
    for i = list.at, list.at + 4 * (list.count - 1), 4 do
      local what, who, id, result = ARGV[i], ARGV[i + 1], ARGV[i + 2], 2
      local entry = known[id] or holder(id)
      if entry then result = (entry[2] == who and entry[4] == tonumber(ARGV[i + 3])) and 1 or 0 end
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
          if found[1] then bury(id, found[1][2][2], entry[4], 'undecodable') end
          freed = true
        end
      end
      list.results[#list.results + 1] = result
    end
  end
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
