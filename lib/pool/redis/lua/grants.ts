/*
 * Part 6: whose turn it is, and when (lib/ledger/grants.ts and poll.ts).
 */

/** Makes grants, and tells when to ask again. */
export const grantsLua = `
local MOST_ROUNDS, MOST_OF_ONE, GRACE = 128, 4, 25000
local SOONEST, LATEST = 500, 2000000

local function poolAccrued(index) return S.clocks[index].accrued end
local function userAccrued(u) return function(index) return u.clocks[index] or 0 end end

local function isOverdue(name, a, asking, terms)
  return a.order.standing and name ~= asking and a.due and S.now > a.due + terms.lookAhead / 2 + GRACE
end

-- Counts what is granted in this second of the ledger's.
local function meter(cost, count)
  local second = floor(S.now / 1e6)
  if second ~= S.second then
    S.previous = second == S.second + 1 and S.current or { 0, 0, 0 }
    S.current = { 0, 0, 0 }
    S.second = second
  end
  for i = 1, 3 do S.current[i] = S.current[i] + count * cost[i] end
end

-- Moves every clock on by what is granted. A grant is its slot, count, spacing, cost, epoch and number.
local function take(terms, u, o, slot, count)
  local cost = o.cost
  local spacing = spacingOf(terms.pool, cost)
  local last = slot + (count - 1) * spacing
  for _, clock in ipairs(S.clocks) do clock.accrued = advanced(clock.accrued, clock, cost, count, last) end
  local clocks = {}
  for index, term in ipairs(o.limits) do clocks[index] = advanced(u.clocks[index] or 0, term, cost, count, last) end
  u.clocks = clocks
  S.reached = max(S.reached, last)
  use(terms.quotas, cost, count)
  meter(cost, count)
  S.virtualTime = max(S.virtualTime, u.tag)
  turn(u)
  charge(u, count * spacing)
  return { ceil(slot), count, spacing, cost[1], cost[2], cost[3], S.epoch, number() }
end

-- Whom its own limits hold back is granted no further ahead than this.
local function nearness(terms) return min(terms.lookAhead, terms.lead + terms.lookAhead / 4) end

-- Makes the grants whose slots are near enough, each to whoever is next. Those of the actor that asks come back; others lie ready, and come
-- back as well, to be pushed.
local function serve(terms, asking)
  local horizon = S.now + terms.lookAhead
  local near = S.now + nearness(terms)
  local from = max(S.now + terms.lead, S.fencedUntil, S.pausedUntil)
  local own, pushed, events = {}, {}, 0
  for _ = 1, MOST_ROUNDS do
    local reach = max(from, S.reached)
    unparkUntil(reach)
    local u = nextUser()
    u = u or firstParked()
    if not u or (u.parked and u.parked > near) then break end
    unpark(u)
    local name, a = firstActor(u)
    local o = a.order
    local ready = readyAt(poolAccrued, terms.pool, o.cost, from)
    local mine = readyAt(userAccrued(u), o.limits, o.cost, u.pausedUntil)
    -- When slots have come so far, the next one is not before its own.
    local till = reach + (mine - ready)
    if mine >= ready + 1 and (till > near or not isAlone(u)) then
      park(u, till)
    else
      local slot = max(ready, mine)
      if slot > horizon then break end
      local isLimited = spacingOf(o.limits, o.cost) > spacingOf(terms.pool, o.cost)
      local count = min(isLimited and 1 or o.count, room(terms.quotas, o.cost))
      if count == 0 or isOverdue(name, a, asking, terms) then drop(name)
      else
        local grant = take(terms, u, o, slot, count)
        local goesOn = o.standing and true or false
        if name == asking then
          own[#own + 1] = grant
          events = events + count
          goesOn = goesOn and (#own < MOST_OF_ONE or events < o.count)
        else
          goesOn = goesOn and not a.ready and o.count * grant[3] < terms.lookAhead
          pushed[name] = pushed[name] or {}
          table.insert(pushed[name], grant)
          if o.standing then
            a.due = grant[1] + grant[2] * grant[3] + terms.lookAhead
            a.ready = a.ready or {}
            table.insert(a.ready, grant)
            a.isDirty = true
          end
        end
        -- What nothing spaces is all at one slot, which one grant says.
        if goesOn and grant[3] > 0 then again(name, u, o) else drop(name) end
        if u.orders > 0 then rank(u) end
      end
    end
  end
  return own, pushed
end

-- When the turn of the actor comes that asks for so many times the cost, as far as it can be told, less half the look-ahead.
local function poll(terms, name, cost, count)
  local o = actorOf(name).order
  local front = readyAt(poolAccrued, terms.pool, cost, max(S.now, S.fencedUntil, S.pausedUntil))
  local at, ahead = front, terms.lookAhead / 2
  if o then
    local u = findUser(o.user)
    local before = rankOf(name, o)
    if u.parked then at, ahead = u.parked + before * spacingOf(terms.user, cost), nearness(terms)
    else
      local tag = nextUser().tag
      local share = count * spacingOf(terms.pool, cost)
      local others = S.weights - S.limitedWeights - (u.limited > 0 and 0 or u.weight)
      local wait = min(max(0, u.tag - tag) * others, usersBefore(u) * share)
      at = front + wait + (before * share * (others + u.weight)) / u.weight
    end
  end
  return min(max(ceil(at - ahead), S.now + SOONEST), S.now + LATEST)
end
`
