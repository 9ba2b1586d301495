-- ARGV: group. Returns 1 for the call that closed the mailbox.
local made = redis.call('SET', closed, 1, 'NX')
offer_room()
if redis.call('XLEN', main) == 0 then ring() end
return made and 1 or 0
