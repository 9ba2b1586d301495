-- ARGV: group, a name of this call. Returns 1 for the call that closed the mailbox, also when it is repeated.
redis.call('SET', closed, ARGV[2], 'NX')
offer_room()
if redis.call('XLEN', main) == 0 then ring() end
return redis.call('GET', closed) == ARGV[2] and 1 or 0
