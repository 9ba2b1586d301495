-- Stores messages as far as there is room. KEYS[7] has the number of the last message of this sender that was stored.
-- ARGV: group, capacity, the number before the first message, how long numbers are kept in ms, whether this process
-- was woken for room, messages.
-- Returns: 0 or what is the matter, the number of the last message, the room that is left.
local counter = KEYS[7]
local capacity, before, kept, woken = tonumber(ARGV[2]), tonumber(ARGV[3]), ARGV[4], ARGV[5] == '1'
local last = tonumber(redis.call('GET', counter) or '0')
local free = capacity - redis.call('XLEN', main)
-- Some have been forgotten, or some have been stored and the answer was lost: the sender counts anew.
if last < before then return {2, last, free} end
if last > before then return {3, last, free} end

local count = #ARGV - 5
if redis.call('EXISTS', closed) == 1 then
  offer_room()
  return {1, last, free}
end
local stored = math.max(0, math.min(count, free))
for i = 6, 5 + stored do
  redis.call('XADD', main, '*', 'p', ARGV[i])
end
if stored > 0 then redis.call('SET', counter, last + stored, 'PX', kept) end
free = free - stored
if free <= 0 then
  redis.call('DEL', room)
  redis.call('SET', full, 1)
elseif woken then
  offer_room()
end
return {0, last + stored, free}
