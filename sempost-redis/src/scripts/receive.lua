-- Acknowledges, reclaims and reads. ARGV: group, consumer, how many, lease in ms, max attempts, whether to look for
-- leases that ran out, from where on, the highest message seen (only after a connection was lost, else empty), the
-- bell that was heard (or empty), triples.
-- Returns: whether the mailbox has ended, where to look for leases next, results of the triples, reclaimed messages
-- with their attempts, messages whose delivery was lost, fresh messages.
local me, want, lease, max = ARGV[2], tonumber(ARGV[3]), tonumber(ARGV[4]), tonumber(ARGV[5])
local reclaim, cursor, resume, heard = ARGV[6] == '1', ARGV[7], ARGV[8], ARGV[9]

if resume ~= '' then
  local failed = create_groups()
  if failed then return failed end
end
local results, failed = settle(10)
if failed then return failed end

-- Whoever rang, this look serves it.
if heard ~= '' then redis.call('XACK', bell, group, heard) end
local rang = redis.call('XLEN', bell) > 0
if rang then redis.call('XTRIM', bell, 'MAXLEN', 0) end

local reclaimed, lost, fresh, found = {}, {}, {}, 0
if want > 0 and resume ~= '' then
  local answer = redis.call('XREADGROUP', 'GROUP', group, me, 'COUNT', want, 'STREAMS', main, resume)
  for _, entry in ipairs(answer and answer[1] and answer[1][2] or {}) do
    if entry[2] then
      lost[#lost + 1] = entry
      found = found + 1
    end
  end
end
if (reclaim or rang or heard ~= '') and found < want then
  if rang or heard ~= '' then cursor = '0-0' end
  local answer = redis.call('XAUTOCLAIM', main, group, me, lease, cursor, 'COUNT', want - found)
  local buried = false
  cursor = answer[1]
  for _, entry in ipairs(answer[2]) do
    if entry and entry[2] then
      local pending = redis.call('XPENDING', main, group, entry[1], entry[1], 1)
      local attempts = pending[1] and pending[1][4] or 1
      if attempts > max then
        bury(entry[1], entry[2][2], attempts - 1, 'attempts')
        buried = true
      else
        reclaimed[#reclaimed + 1] = {entry[1], entry[2][2], attempts}
        found = found + 1
      end
    end
  end
  if buried then offer_room() end
  if cursor ~= '0-0' and found == want then ring() end
  -- A consumer that has nothing and does not come any more is dead.
  if reclaim and cursor == '0-0' then
    for _, consumer in ipairs(redis.call('XINFO', 'CONSUMERS', main, group)) do
      local name, pending, idle = consumer[2], consumer[4], consumer[6]
      if name ~= me and pending == 0 and idle > 4 * lease + 1000 then
        redis.call('XGROUP', 'DELCONSUMER', main, group, name)
        redis.pcall('XGROUP', 'DELCONSUMER', bell, group, name)
      end
    end
  end
end
if found < want then
  local answer = redis.pcall('XREADGROUP', 'GROUP', group, me, 'COUNT', want - found, 'STREAMS', main, '>')
  if answer and answer.err then
    if not string.find(answer.err, 'NOGROUP') then return answer end
    local failed = create_groups()
    if failed then return failed end
    answer = redis.call('XREADGROUP', 'GROUP', group, me, 'COUNT', want - found, 'STREAMS', main, '>')
  end
  fresh = answer and answer[1] and answer[1][2] or {}
  found = found + #fresh
end

local over = 0
if found == 0 and ended() then
  over = 1
  ring()
end
return {over, cursor, results, reclaimed, lost, fresh}
