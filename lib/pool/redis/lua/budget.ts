/*
 * Part 4: clocks and quotas (lib/ledger/clocks.ts and quotas.ts). The arithmetic is that of TypeScript, operation
 * by operation: both round alike, and lead to the same grants.
 */

/** What a grant costs, and what is left. */
export const budgetLua = `
local DIMENSION = { requests = 1, units = 2, bytes = 3 }

local function each(cost, term) return (cost[DIMENSION[term.of]] * term.interval) / S.factor end

-- The limits with those that an operator has set, each in the place of the one in the same dimension.
local function withSet(terms)
  local merged = {}
  for index, term in ipairs(terms) do
    merged[index] = term
    for _, own in ipairs(S.set) do
      if own.of == term.of then
        merged[index] = own
        break
      end
    end
  end
  return merged
end

-- When all of the cost has accrued on every clock, at the earliest from then.
local function readyAt(accruedOf, terms, cost, from)
  local at = from
  for index, term in ipairs(terms) do
    local takes = each(cost, term)
    if takes > 0 then at = max(at, accruedOf(index) + takes) end
  end
  return at
end

local function spacingOf(terms, cost)
  local spacing = 0
  for _, term in ipairs(terms) do spacing = max(spacing, each(cost, term)) end
  return spacing
end

-- Where a clock is after so many times the cost, the last of them at that time: no further back than its savings.
local function advanced(accrued, term, cost, count, last)
  local takes = each(cost, term)
  if takes > 0 then return max(accrued + count * takes, last - term.savings) end
  return accrued
end

local function clockOf(term, accrued)
  return { of = term.of, interval = term.interval, savings = term.savings, accrued = accrued }
end

-- The clocks under other terms: where a rate has changed, what has accrued or is owed stays the same amount.
local function follow(terms)
  local clocks = {}
  for index, term in ipairs(terms) do
    local clock = S.clocks[index]
    if not clock or clock.of ~= term.of then clock = clockOf(term, S.now)
    elseif clock.interval ~= term.interval or clock.savings ~= term.savings then
      local accrued = clock.accrued
      if clock.interval ~= term.interval then
        if clock.interval == 0 then accrued = S.now
        else accrued = S.now - ((S.now - accrued) / clock.interval) * term.interval end
      end
      clock = clockOf(term, accrued)
    end
    clocks[index] = clock
  end
  S.clocks = clocks
end

local function rest()
  for _, clock in ipairs(S.clocks) do clock.accrued = max(clock.accrued, S.now - max(clock.savings, clock.interval)) end
end

-- Bytes are compared, not letters of the server's language.
local function isLater(a, b)
  for i = 1, max(#a, #b) do
    local x, y = string.byte(a, i) or -1, string.byte(b, i) or -1
    if x ~= y then return x > y end
  end
  return false
end

-- What is used of a dimension, and in which period. What cannot be read counts as nothing used.
local function usedRecord(of)
  if used[of] == nil then
    local packed = redis.pcall('HGET', USED, of)
    if type(packed) == 'table' then call('DEL', USED) end
    local isRead, r = false, nil
    if type(packed) == 'string' then isRead, r = pcall(cmsgpack.unpack, packed) end
    if not isRead or type(r) ~= 'table' or type(r[1]) ~= 'string' or not isNumber(r[2]) or r[2] < 0 then r = nil end
    used[of] = { period = r and r[1], amount = r and r[2] or 0 }
  end
  return used[of]
end

local function usedOf(quota)
  local r = usedRecord(quota.of)
  if r.period and not isLater(quota.period, r.period) then return r.amount end
  return 0
end

-- How many times the cost the quotas have room for.
local function room(quotas, cost)
  local times = math.huge
  for _, quota in ipairs(quotas) do
    local amount = cost[DIMENSION[quota.of]]
    if amount > 0 then times = min(times, floor((quota.limit - usedOf(quota)) / amount)) end
  end
  return max(0, times)
end

-- The number of the quota that has no room for the cost.
local function spentBy(quotas, cost)
  for index, quota in ipairs(quotas) do
    local amount = cost[DIMENSION[quota.of]]
    if amount > 0 and usedOf(quota) + amount > quota.limit then return index end
  end
  return nil
end

-- Counts so many times the cost; what is given back counts in no period after its own.
local function use(quotas, cost, count)
  for _, quota in ipairs(quotas) do
    local amount = count * cost[DIMENSION[quota.of]]
    local r = usedRecord(quota.of)
    local isPast = r.period and isLater(r.period, quota.period)
    if amount ~= 0 and not (isPast and amount < 0) then
      r.amount = max(0, usedOf(quota) + amount)
      if not isPast then r.period = quota.period end
      r.isDirty = true
    end
  end
end

local function packUsed(r) return cmsgpack.pack({ r.period, r.amount }) end
`
