-- Acknowledges, reclaims and reads, for several receivers at once. ARGV: group, lease in ms, max attempts, looks.
-- A look: consumer, how many, whether to look for leases that ran out, from where on, the highest message seen (only
-- after a connection was lost, else empty), the bell that was heard (or empty), the number of its settlements, these.
-- Returns for each: whether the mailbox has ended, where to look for leases next, results of the settlements, reclaimed
-- messages and messages whose delivery was lost, both with their attempts, fresh messages.
local lease, max = tonumber(ARGV[2]), tonumber(ARGV[3])
local looks, at, want, resumes = {}, 4, 0, false
while ARGV[at] do
  local look = {me = ARGV[at], want = tonumber(ARGV[at + 1]), reclaim = ARGV[at + 2] == '1', cursor = ARGV[at + 3],
    resume = ARGV[at + 4], heard = ARGV[at + 5], count = tonumber(ARGV[at + 6]), at = at + 7}
  at = at + 7 + 4 * look.count
  want = want + look.want
  resumes = resumes or look.resume ~= ''
  looks[#looks + 1] = look
end

if resumes then
  for _, key in ipairs({main, bell}) do
    local made = redis.pcall('XGROUP', 'CREATE', key, group, '0', 'MKSTREAM')
    if made.err and not string.find(made.err, 'BUSYGROUP') then return made end
  end
end
settle(looks)

-- Whether leases are to be looked through from the beginning. Whoever rang, the first that looks serves it.
local rung = false
if want > 0 then
  if redis.call('XLEN', bell) > 0 then
    redis.call('XTRIM', bell, 'MAXLEN', 0)
    rung = true
  end
  for _, look in ipairs(looks) do
    if look.resume ~= '' then
      -- It may have heard a bell, and its answer was lost. And it may have been away for longer than a lease.
      redis.call('XGROUP', 'DELCONSUMER', bell, group, look.me)
      rung = true
    elseif look.heard ~= '' then
      redis.call('XACK', bell, group, look.heard)
      rung = true
    end
  end
end

local buried = false

-- Gives messages that were delivered before to this look, or gives them up.
local function again(look, entries)
  local list = {}
  for _, message in ipairs(entries) do
    -- The message itself may have been deleted by others.
    if message and message[2] then
      local id, payload, entry = message[1], message[2][2], holder(message[1])
      local attempts = entry and entry[4] or 1
      if attempts > max then
        bury(id, payload, attempts - 1, 'attempts')
        buried = true
      else
        list[#list + 1] = {id, payload, attempts}
        look.found = look.found + 1
      end
    end
  end
  return list
end

local answers, dry = {}, false
for n, look in ipairs(looks) do
  local reclaimed, lost, fresh = {}, {}, {}
  look.found = 0
  if look.want > 0 and look.resume ~= '' then
    local answer = redis.call('XREADGROUP', 'GROUP', group, look.me, 'COUNT', look.want, 'STREAMS', main, look.resume)
    lost = again(look, answer and answer[1][2] or {})
  end
  if (look.reclaim or rung) and look.found < look.want then
    if rung then look.cursor = '0-0' end
    local count = look.want - look.found
    local answer = redis.call('XAUTOCLAIM', main, group, look.me, lease, look.cursor, 'COUNT', count)
    look.cursor = answer[1]
    reclaimed = again(look, answer[2])
    rung = look.cursor ~= '0-0' and look.found == look.want
    if look.reclaim and look.cursor == '0-0' then
      -- A consumer that has nothing and does not come any more is dead.
      for _, consumer in ipairs(redis.call('XINFO', 'CONSUMERS', main, group)) do
        local name, pending, idle = consumer[2], consumer[4], consumer[6]
        if name ~= look.me and pending == 0 and idle > 4 * lease + 1000 then
          redis.call('XGROUP', 'DELCONSUMER', main, group, name)
          redis.pcall('XGROUP', 'DELCONSUMER', bell, group, name)
        end
      end
    end
  end
  if look.found < look.want and not dry then
    local count = look.want - look.found
    -- Without a group it says so, and the receiver comes again and has one made.
    local answer = redis.call('XREADGROUP', 'GROUP', group, look.me, 'COUNT', count, 'STREAMS', main, '>')
    fresh = answer and answer[1][2] or {}
    look.found = look.found + #fresh
    dry = look.found < look.want
  end
  answers[n] = {0, look.cursor, look.results, reclaimed, lost, fresh}
end
if buried then made_room() end
if dry and ended() then
  for n, look in ipairs(looks) do
    if look.want > 0 and look.found == 0 then answers[n][1] = 1 end
  end
  rung = true
end
if rung then ring() end
return answers
