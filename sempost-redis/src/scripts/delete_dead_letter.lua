-- ARGV: group, which. Returns how many there were.
return redis.call('XDEL', dead, ARGV[2])
