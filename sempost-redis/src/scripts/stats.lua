-- ARGV: group. Returns: messages queued and leased, of these leased, dead letters, closed, receivers.
local summary = redis.pcall('XPENDING', main, group)
local leased = summary.err and 0 or summary[1]
local consumers = redis.pcall('XINFO', 'CONSUMERS', main, group)
return {redis.call('XLEN', main), leased, redis.call('XLEN', dead), redis.call('EXISTS', closed),
  consumers.err and 0 or #consumers}
