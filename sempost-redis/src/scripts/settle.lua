-- ARGV: group, triples.
local results, failed = settle(2)
return failed or results
