-- ARGV: group, settlements.
local ids = {}
for i = 4, #ARGV, 4 do ids[#ids + 1] = ARGV[i] end
local results = settle(2, #ids, holders(ids))
settled()
return results
