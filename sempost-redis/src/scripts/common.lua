-- What all scripts share. A mailbox is one stream, so its length is what is queued plus what is leased.
local main, bell, closed, dead, room, full = KEYS[1], KEYS[2], KEYS[3], KEYS[4], KEYS[5], KEYS[6]
local group = ARGV[1]

-- Wakes one receiver that waits. It runs the receive script, which rings again if there is more to do.
local function ring()
  redis.call('XADD', bell, 'MAXLEN', 1, '*', 'r', '')
end

-- Wakes one process whose senders wait.
local function offer_room()
  if redis.call('LLEN', room) == 0 then redis.call('LPUSH', room, 1) end
end

-- The same, if a sender has found it full since.
local function made_room()
  if redis.call('DEL', full) == 1 then offer_room() end
end

local function ended()
  return redis.call('EXISTS', closed) == 1 and redis.call('XLEN', main) == 0
end
