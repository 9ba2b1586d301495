-- ARGV: group, how many. Returns the oldest.
return redis.call('XRANGE', dead, '-', '+', 'COUNT', ARGV[2])
