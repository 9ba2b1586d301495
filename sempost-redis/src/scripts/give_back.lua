-- Settles, and gives back what came to a receiver that goes, and what is on its way to it. ARGV: group, consumer, the
-- highest message that came, settlements.
local me, highest = ARGV[2], ARGV[3]
settle({{at = 4, count = (#ARGV - 3) / 4}})
local left = redis.pcall('XPENDING', main, group, '(' .. highest, '+', 10000, me)
if left.err then
  -- Without a group there is no lease.
  if string.find(left.err, 'NOGROUP') then return 0 end
  return left
end
for _, entry in ipairs(left) do
  redis.call('XCLAIM', main, group, me, 0, entry[1], 'IDLE', 4000000000, 'JUSTID')
end
-- It still holds what was handed out, and what it gave back until another takes it.
if #redis.call('XPENDING', main, group, '-', '+', 1, me) == 0 then
  redis.call('XGROUP', 'DELCONSUMER', main, group, me)
end
-- It may have heard a bell, and does not come.
if redis.call('XGROUP', 'DELCONSUMER', bell, group, me) > 0 or #left > 0 then ring() end
return 0
