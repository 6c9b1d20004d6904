/*
 * Part 2: the records of users and of actors, and how users who have not come for long are forgotten (lib/ledger/users.ts).
 */

/** Finds, makes and forgets users and actors. */
export const usersLua = `
local MOST_KNOWN = 1024
local LONG_AGO = 1e9

local function packUser(u)
  return cmsgpack.pack({ u.tag, u.weight, u.pausedUntil, u.parked or false, u.orders, u.limited, u.clocks })
end

local function unpackUser(name, packed)
  local r = cmsgpack.unpack(packed)
  local u = { name = name, tag = r[1], weight = r[2], pausedUntil = r[3], parked = r[4] or nil, orders = r[5] }
  u.limited, u.clocks = r[6], r[7]
  assert(isNumber(u.tag) and isNumber(u.weight) and u.weight > 0 and isTime(u.pausedUntil) and isNumber(u.orders))
  assert(isNumber(u.limited))
  assert((u.parked == nil or isTime(u.parked)) and type(u.clocks) == 'table')
  for _, accrued in ipairs(u.clocks) do assert(isTime(accrued)) end
  return u
end

-- The user of that name, if it is known.
local function findUser(name)
  if users[name] then return users[name] end
  local packed = call('HGET', USERS, name)
  local isCurrent = packed and true or false
  packed = packed or (S.before > 0 and call('HGET', EARLIER, name))
  if not packed then return nil end
  local u = unpackUser(name, packed)
  u.isCurrent = isCurrent
  users[name] = u
  return u
end

-- Counts a user who can be served among the others, or no longer.
local function count(u, sign)
  S.weights = S.weights + sign * u.weight
  if u.limited > 0 then S.limitedWeights = S.limitedWeights + sign * u.weight end
end

-- The user of that name, with the weight that it has from now on.
local function userOf(name, given)
  local u = findUser(name)
  local weight = given and max(1, floor(given * 1024 + 0.5)) / 1024 or (u and u.weight or 1)
  if not u then
    u = { name = name, tag = 0, weight = weight, pausedUntil = 0, orders = 0, limited = 0, clocks = {} }
    users[name] = u
  end
  if not u.isCurrent then
    u.isCurrent = true
    S.known = S.known + 1
  end
  local isCounted = u.orders > 0 and not u.parked
  if isCounted then count(u, -1) end
  u.weight = weight
  if isCounted then count(u, 1) end
  u.isDirty = true
  return u
end

-- Those who wait: parked ones, and those who are not.
local function backlogNames()
  local names = call('ZRANGE', QUEUE, 0, -1)
  for _, name in ipairs(call('ZRANGE', PARKED, 0, -1)) do names[#names + 1] = name end
  return names
end

-- Forgets the users of the generation before, where there are many and none of them has anything coming.
local function forgetMany()
  -- Who waits is not forgotten: with so many of them a generation would be over as soon as it began.
  if S.known < MOST_KNOWN + S.eligible + S.parked then return end
  if S.earlierUntil > S.now or S.earlierTag > S.virtualTime then return end
  saveAll(USERS, users, packUser)
  call('RENAME', USERS, EARLIER)
  written[EARLIER] = true
  S.before, S.earlierUntil, S.earlierTag = S.known, S.claimUntil, S.claimTag
  for _, u in pairs(users) do u.isCurrent = false end
  S.known = 0
  for _, name in ipairs(backlogNames()) do userOf(name) end
  saveAll(USERS, users, packUser)
end

local function packActor(a)
  if not (a.order or a.ready or a.due or a.user) then return nil end
  return cmsgpack.pack({ order = a.order, ready = a.ready, due = a.due, user = a.user })
end

local function areLimits(limits)
  if type(limits) ~= 'table' then return false end
  for _, term in ipairs(limits) do
    if type(term) ~= 'table' or type(term.of) ~= 'string' or not isNumber(term.interval) or not isNumber(term.savings) then return false end
  end
  return true
end

local function isOrder(o)
  return type(o) == 'table' and type(o.user) == 'string' and isVector(o.cost) and isNumber(o.count) and isNumber(o.weight)
    and isNumber(o.at) and areLimits(o.limits)
end

local function areGrants(grants)
  if type(grants) ~= 'table' then return false end
  for _, g in ipairs(grants) do
    if type(g) ~= 'table' or #g ~= 8 then return false end
    for i = 1, 8 do if not isNumber(g[i]) then return false end end
  end
  return true
end

-- The actor of that name: its order, the grants that lie ready for it, when it was told to ask again, and whose it is.
local function actorOf(name)
  if actors[name] then return actors[name] end
  local packed = call('HGET', ACTORS, name)
  local a = packed and cmsgpack.unpack(packed) or {}
  assert(type(a) == 'table' and (a.order == nil or isOrder(a.order)) and (a.ready == nil or areGrants(a.ready)))
  assert((a.due == nil or isTime(a.due)) and (a.user == nil or type(a.user) == 'string'))
  actors[name] = a
  return a
end
`
