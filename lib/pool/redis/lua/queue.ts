/*
 * Part 3: start-time fair queueing between users (lib/ledger/queue.ts). Who can be served stands in one sorted set by tag, who is parked in
 * another by time, and orders in a third, by user and then by number, so that the first of a user is found without reading the others.
 */

/** Who is next, who is parked, and who waits for what. */
export const queueLua = String.raw`
local MOST_NEWCOMERS = 64

local function isIdle() return S.weights == 0 end
local function isAlone(u) return S.weights == u.weight end

-- A member of the sorted set must be known: else somebody else has written to it.
local function first(key)
  local name = call('ZRANGE', key, 0, 0)[1]
  if not name then return nil end
  local u = findUser(name)
  assert(u and u.orders > 0)
  return u
end

local function nextUser() return first(QUEUE) end
local function firstParked() return first(PARKED) end

-- How many users are served before this one, each of them once.
local function usersBefore(u) return call('ZRANK', QUEUE, u.name) or 0 end

-- Puts the user where its tag says.
local function rank(u) write('ZADD', QUEUE, num(u.tag), u.name) end

local function joinQueue(u)
  rank(u)
  S.eligible = S.eligible + 1
  count(u, 1)
end

local function leaveQueue(u)
  write('ZREM', QUEUE, u.name)
  S.eligible = S.eligible - 1
  count(u, -1)
end

local function leaveParked(u)
  write('ZREM', PARKED, u.name)
  S.parked = S.parked - 1
  u.parked = nil
end

local function park(u, till)
  if not u.parked then
    leaveQueue(u)
    S.parked = S.parked + 1
  end
  write('ZADD', PARKED, num(till), u.name)
  u.parked, u.limited, u.isDirty = till, 2, true
end

local function unpark(u)
  if not u.parked then return end
  leaveParked(u)
  u.tag, u.isDirty = max(u.tag, S.virtualTime), true
  joinQueue(u)
end

local function unparkUntil(till)
  if S.parked == 0 then return end
  for _, name in ipairs(call('ZRANGEBYSCORE', PARKED, '-inf', num(till))) do
    local u = findUser(name)
    assert(u and u.parked)
    unpark(u)
  end
end

-- Names hold no control characters, so that the number of an order stands between two of them.
local function memberOf(name, o) return o.user .. '\1' .. string.format('%015d', o.at) .. '\1' .. name end

local function place(name, u, o)
  write('ZADD', ORDERS, 0, memberOf(name, o))
  S.placed = S.placed + 1
  u.orders, u.isDirty = u.orders + 1, true
  local a = actorOf(name)
  a.order, a.isDirty = o, true
end

local function lift(name, u, o)
  write('ZREM', ORDERS, memberOf(name, o))
  S.placed = S.placed - 1
  u.orders, u.isDirty = u.orders - 1, true
end

local function number()
  S.sequence = S.sequence + 1
  return S.sequence - 1
end

-- The actor whose order is the first of the user's.
local function firstActor(u)
  local member = call('ZRANGEBYLEX', ORDERS, '[' .. u.name .. '\1', '(' .. u.name .. '\2', 'LIMIT', 0, 1)[1]
  local name = member and string.match(member, '^[^\1]*\1%d+\1(.*)$')
  local a = name and actorOf(name)
  assert(a and a.order and a.order.user == u.name)
  return name, a
end

-- How many of the user's orders are before this one.
local function rankOf(name, o)
  return call('ZLEXCOUNT', ORDERS, '[' .. o.user .. '\1', '(' .. memberOf(name, o))
end

local function drop(name)
  local a = actorOf(name)
  local o = a.order
  if not o then return end
  local u = findUser(o.user)
  assert(u and u.orders > 0)
  lift(name, u, o)
  a.order, a.isDirty = nil, true
  if u.orders > 0 then return end
  if u.parked then leaveParked(u) else leaveQueue(u) end
end

local function enqueue(name, userName, o)
  local a = actorOf(name)
  o.user = userName
  if a.order and a.order.user == userName then
    userOf(userName, o.weight)
    o.at = a.order.at
    a.order, a.isDirty = o, true
    return
  end
  drop(name)
  forgetMany()
  local u = userOf(userName, o.weight)
  o.at = number()
  place(name, u, o)
  if u.orders == 1 then
    u.tag = max(u.tag, S.virtualTime)
    joinQueue(u)
  end
end

-- The order stands again, behind those of its user's other actors.
local function again(name, u, o)
  lift(name, u, o)
  o.at = number()
  place(name, u, o)
end

-- The actor is gone, and all that lies ready for it.
local function release(name)
  drop(name)
  actors[name] = { isDirty = true }
  write('ZREM', SEEN, name)
end

local function claim(till) S.claimUntil = max(S.claimUntil, till + LONG_AGO) end

local function turn(u)
  if u.limited == 0 then return end
  count(u, -1)
  u.limited = u.limited - 1
  count(u, 1)
end

local function charge(u, share)
  local moved = share / u.weight
  u.tag, u.isDirty = u.tag + moved, true
  S.virtualTime = S.virtualTime + moved / max(MOST_NEWCOMERS, 2 * (S.eligible + S.parked))
  S.claimTag = max(S.claimTag, u.tag)
  for _, accrued in ipairs(u.clocks) do claim(accrued) end
end
`
