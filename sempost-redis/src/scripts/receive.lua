-- Acknowledges, reclaims and reads, for several receivers at once. ARGV: group, lease in ms, max attempts, looks.
-- A look: consumer, how many, whether to look for leases that ran out, from where on, the highest message seen (only
-- after a connection was lost, else empty), the bell that was heard (or empty), the number of its settlements, these.
-- Returns for each: whether the mailbox has ended, where to look for leases next, results of the settlements, reclaimed
-- messages and messages whose delivery was lost, both with their attempts, fresh messages.
local lease, max = tonumber(ARGV[2]), tonumber(ARGV[3])
local looks, at, want, resumes, ids = {}, 4, 0, false, {}
while ARGV[at] do
  local look = {me = ARGV[at], want = tonumber(ARGV[at + 1]), reclaim = ARGV[at + 2] == '1', cursor = ARGV[at + 3],
    resume = ARGV[at + 4], heard = ARGV[at + 5], count = tonumber(ARGV[at + 6]), at = at + 7}
  for i = look.at + 2, look.at + 4 * look.count, 4 do ids[#ids + 1] = ARGV[i] end
  at = at + 7 + 4 * look.count
  want = want + look.want
  resumes = resumes or look.resume ~= ''
  looks[#looks + 1] = look
end

if resumes then
  local failed = create_groups()
  if failed then return failed end
end
local known, all = holders(ids)
for _, look in ipairs(looks) do look.results = settle(look.at, look.count, known, all) end
settled()

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

-- Gives a message that was delivered before to this look, or gives it up.
local function again(look, list, id, payload)
  local _, attempts = holder(id)
  attempts = attempts or 1
  if attempts > max then
    bury(id, payload, attempts - 1, 'attempts')
    buried = true
  else
    list[#list + 1] = {id, payload, attempts}
    look.found = look.found + 1
  end
end

local function forget_the_dead(me)
  for _, consumer in ipairs(redis.call('XINFO', 'CONSUMERS', main, group)) do
    local name, pending, idle = consumer[2], consumer[4], consumer[6]
    if name ~= me and pending == 0 and idle > 4 * lease + 1000 then
      redis.call('XGROUP', 'DELCONSUMER', main, group, name)
      redis.pcall('XGROUP', 'DELCONSUMER', bell, group, name)
    end
  end
end

local function read(look, from)
  local count = look.want - look.found
  local answer = redis.pcall('XREADGROUP', 'GROUP', group, look.me, 'COUNT', count, 'STREAMS', main, from)
  if answer and answer.err then
    if not string.find(answer.err, 'NOGROUP') then error(answer) end
    local failed = create_groups()
    if failed then error(failed) end
    answer = redis.call('XREADGROUP', 'GROUP', group, look.me, 'COUNT', count, 'STREAMS', main, from)
  end
  return answer and answer[1] and answer[1][2] or {}
end

local answers, dry, over = {}, false, 0
for n, look in ipairs(looks) do
  look.found = 0
  local reclaimed, lost, fresh = {}, {}, {}
  if look.want > 0 and look.resume ~= '' then
    for _, entry in ipairs(read(look, look.resume)) do
      if entry[2] then again(look, lost, entry[1], entry[2][2]) end
    end
  end
  if (look.reclaim or rung) and look.found < look.want then
    if rung then look.cursor = '0-0' end
    rung = false
    local count = look.want - look.found
    local answer = redis.call('XAUTOCLAIM', main, group, look.me, lease, look.cursor, 'COUNT', count)
    look.cursor = answer[1]
    for _, entry in ipairs(answer[2]) do
      if entry and entry[2] then again(look, reclaimed, entry[1], entry[2][2]) end
    end
    rung = look.cursor ~= '0-0' and look.found == look.want
    if look.reclaim and look.cursor == '0-0' then forget_the_dead(look.me) end
  end
  if look.found < look.want and not dry then
    fresh = read(look, '>')
    look.found = look.found + #fresh
    dry = look.found < look.want
  end
  answers[n] = {0, look.cursor, look.results, reclaimed, lost, fresh}
end
if buried then made_room() end
if dry and ended() then over = 1 end
for n, look in ipairs(looks) do
  if look.want > 0 and look.found == 0 then answers[n][1] = over end
end
if rung or over == 1 then ring() end
return answers
