/*
 * The ledger in Redis, part 1: what is stored where, how it is read and written, and what is done with values that nobody in their right
 * mind has stored. Records are MessagePack: doubles stay what they are bit for bit, and no name can break the packing.
 */

/** Reads and writes the state of the ledger. */
export const stateLua = `
local STATE, USERS, EARLIER, QUEUE, PARKED = KEYS[1], KEYS[2], KEYS[3], KEYS[4], KEYS[5]
local ORDERS, ACTORS, SEEN, HOLDS, USED = KEYS[6], KEYS[7], KEYS[8], KEYS[9], KEYS[10]

local call = redis.call
local max, min, ceil, floor = math.max, math.min, math.ceil, math.floor

local DAY = 86400000
-- What is used of a quota has to outlive its period.
local USED_LASTS = 40 * DAY
-- Nothing in a ledger lies further ahead than this, in microseconds.
local FARTHEST = 40 * 86400 * 1e6

-- S is the state, one table in one key. Users and actors are read as they are needed, and kept here until the end of the call.
local S, users, actors, used, written

-- A double as text that reads back as the same double.
local function num(x) return string.format('%.17g', x) end

local function isNumber(x) return type(x) == 'number' and x == x and x < 1e18 and x > -1e18 end
local function isTime(x) return isNumber(x) and x <= S.now + FARTHEST end

-- Writes to a key, which lasts for a day from then on.
local function write(command, key, ...)
  written[key] = true
  return call(command, key, ...)
end

local function fresh(born)
  return {
    incarnation = '', epoch = 0, born = born, now = 0, refreshedAt = 0,
    clocks = {}, virtualTime = 0, pausedUntil = 0, fencedUntil = 0,
    factor = 1, cutAt = -math.huge, recoveredAt = -math.huge,
    sequence = 0, reached = 0, heldUntil = 0, weights = 0, limitedWeights = 0,
    claimUntil = 0, claimTag = 0, earlierUntil = 0, earlierTag = 0,
    -- How many there are in the other keys: one that was evicted, or that others have written to, is noticed by that.
    known = 0, before = 0, eligible = 0, parked = 0, placed = 0,
    second = 0, current = { 0, 0, 0 }, previous = { 0, 0, 0 },
  }
end

-- Numbers that are at no time, and those that are.
local COUNTS = {
  'epoch', 'born', 'now', 'refreshedAt', 'virtualTime', 'factor', 'sequence', 'weights', 'limitedWeights', 'claimTag', 'earlierTag',
  'known', 'before', 'eligible', 'parked', 'placed', 'second',
}
local TIMES = { 'pausedUntil', 'fencedUntil', 'reached', 'heldUntil', 'claimUntil', 'earlierUntil' }

local function isVector(v) return type(v) == 'table' and isNumber(v[1]) and isNumber(v[2]) and isNumber(v[3]) end

local function areClocks(clocks)
  if type(clocks) ~= 'table' then return false end
  for _, clock in ipairs(clocks) do
    if type(clock) ~= 'table' or type(clock.of) ~= 'string' then return false end
    if not (isNumber(clock.interval) and isNumber(clock.savings) and isTime(clock.accrued)) then return false end
  end
  return true
end

local function isSane()
  if type(S) ~= 'table' or type(S.incarnation) ~= 'string' then return false end
  for _, name in ipairs(COUNTS) do if not isNumber(S[name]) then return false end end
  for _, name in ipairs(TIMES) do if not isTime(S[name]) then return false end end
  if type(S.cutAt) ~= 'number' or type(S.recoveredAt) ~= 'number' then return false end
  if S.now < 0 or S.now > 4e15 or S.born < -4e15 or S.born > 4e15 then return false end
  if S.factor < 0.1 or S.factor > 1 or S.weights < 0 then return false end
  if not (isVector(S.current) and isVector(S.previous) and areClocks(S.clocks)) then return false end
  if S.set and type(S.set) ~= 'table' then return false end
  if S.agreed and not (type(S.agreed) == 'string' and isTime(S.agreedAt)) then return false end
  return S.eligible == call('ZCARD', QUEUE) and S.parked == call('ZCARD', PARKED)
    and S.placed == call('ZCARD', ORDERS) and S.known == call('HLEN', USERS) and S.before == call('HLEN', EARLIER)
end

-- Everything but what is used of quotas.
local function reset() call('DEL', STATE, USERS, EARLIER, QUEUE, PARKED, ORDERS, ACTORS, SEEN, HOLDS) end

local function load()
  users, actors, used, written = {}, {}, {}, {}
  local stored = call('GET', STATE)
  if stored then
    local isRead, state = pcall(cmsgpack.unpack, stored)
    S = isRead and state
    if not isSane() then stored = false end
  end
  if not stored then
    reset()
    S = fresh(wall)
  end
  -- The server's clock may be set back. Time stands still then, and goes on from there.
  if wall - S.born < S.now then S.born = wall - S.now end
  S.now = wall - S.born
end

-- One write for each key, whatever the call has done.
local function saveAll(key, records, pack)
  local fields, gone = {}, {}
  for name, record in pairs(records) do
    if record.isDirty then
      record.isDirty = nil
      local packed = pack(record)
      if packed then fields[#fields + 1] = name; fields[#fields + 1] = packed else gone[#gone + 1] = name end
    end
  end
  -- Lua can hand over so many values at once and no more.
  for first = 1, #fields, 4000 do write('HSET', key, unpack(fields, first, min(first + 3999, #fields))) end
  for first = 1, #gone, 4000 do write('HDEL', key, unpack(gone, first, min(first + 3999, #gone))) end
end

-- Keys that nobody writes to for a day are still needed while others are written to.
local function keep()
  local isDue = S.now - S.refreshedAt > 3600 * 1e6
  if isDue then S.refreshedAt = S.now end
  for index = 2, 9 do
    if isDue or written[KEYS[index]] then call('PEXPIRE', KEYS[index], DAY) end
  end
  if isDue or written[USED] then call('PEXPIRE', USED, USED_LASTS) end
  call('SET', STATE, cmsgpack.pack(S), 'PX', DAY)
end
`
