-- ARGV: group, settlements.
local results = settle(2, (#ARGV - 1) / 4)
settled()
return results
