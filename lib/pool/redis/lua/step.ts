/*
 * Part 9: one operation on the ledger (lib/ledger/apply.ts and step.ts), and what is done where something stored cannot be true.
 */

/** Does what was asked, and answers. */
export const stepLua = `
local LATELY = 10000000

local function vector(cost) return { cost.requests, cost.units, cost.bytes } end

-- What others say the limits are, as long as they are there, if it is not what this one says.
local function disagree(words)
  if not words then return nil end
  if S.agreed and S.agreed ~= words and S.now - S.agreedAt <= LATELY then return S.agreed end
  S.agreed, S.agreedAt = words, S.now
  return nil
end

-- The ledger was lost, or part of it: what was granted before may still be used, so nothing is until that is over.
local function fence(terms, incarnation)
  S.incarnation = incarnation
  S.epoch = max(S.epoch + 1, floor(wall / 1000))
  S.fencedUntil = S.now + terms.fence
  S.clocks = {}
  for index, term in ipairs(terms.pool) do S.clocks[index] = clockOf(term, S.fencedUntil) end
  for _, name in ipairs(backlogNames()) do
    local u = findUser(name)
    if u then u.orders, u.parked, u.isDirty = 0, nil, true end
  end
  call('DEL', QUEUE, PARKED, ORDERS, ACTORS)
  S.eligible, S.parked, S.placed, S.weights, S.limitedWeights = 0, 0, 0, 0, 0
  actors = {}
end

local function forget()
  if S.heldUntil > 0 then write('ZREMRANGEBYSCORE', HOLDS, '-inf', num(S.now)) end
  if S.heldUntil <= S.now then S.heldUntil = 0 end
  for _, name in ipairs(call('ZRANGEBYSCORE', SEEN, '-inf', '(' .. num(S.now - LATELY))) do release(name) end
end

local function settle(operation, terms)
  local more = vector(operation.more)
  for _, clock in ipairs(S.clocks) do clock.accrued = clock.accrued + each(more, clock) end
  local u = userOf(operation.user, operation.weight)
  local clocks = {}
  for index, term in ipairs(terms.user) do clocks[index] = (u.clocks[index] or 0) + each(more, term) end
  u.clocks = clocks
  use(terms.quotas, more, 1)
  local share = spacingOf(terms.pool, more)
  if share == 0 then share = -spacingOf(terms.pool, { -more[1], -more[2], -more[3] }) end
  charge(u, share)
  if u.orders > 0 and not u.parked then rank(u) end
  unpark(u)
end

-- Does what was asked; the grants that lay ready for the actor that asks come back.
local function apply(operation, terms)
  local kind = operation.kind
  if kind == 'request' then
    local a, o = actorOf(operation.actor), operation.order
    local ready = a.ready or {}
    if a.ready then a.ready, a.isDirty = nil, true end
    local cost = o and vector(o.cost)
    if not o or spentBy(terms.quotas, cost) then drop(operation.actor)
    else
      if isIdle() then rest() end
      enqueue(operation.actor, operation.user,
        { cost = cost, count = o.count, weight = o.weight, standing = o.standing, limits = terms.user })
    end
    return ready
  elseif kind == 'leave' then release(operation.actor)
  elseif kind == 'settle' then settle(operation, terms)
  elseif kind == 'refund' then use(terms.quotas, vector(operation.unused), -1)
  elseif kind == 'pause' then pause(operation.user, operation.us, operation.cut)
  elseif kind == 'resume' then resume(operation.user)
  elseif kind == 'hold' then hold(operation.origin, operation.us) end
  return {}
end

-- What the actor that asks has to know besides its grants.
local function tell(told, operation, terms)
  local o = operation.order
  if o and not o.standing then return end
  local name = operation.actor
  local a = actorOf(name)
  write('ZADD', SEEN, num(S.now), name)
  if a.user ~= operation.user then a.user, a.isDirty = operation.user, true end
  if not o then return end
  local cost = vector(o.cost)
  if not a.order and told.made == 0 then told.spent = spentBy(terms.quotas, cost) end
  told.pollAt = told.spent and S.now + LATEST or poll(terms, name, cost, o.count)
  a.due, a.isDirty = told.pollAt, true
end

-- What others hear of at once.
local NEWS = { pause = true, resume = true, hold = true, set = true }

local function save()
  saveAll(USERS, users, packUser)
  saveAll(ACTORS, actors, packActor)
  saveAll(USED, used, packUsed)
  keep()
end

local function step(incarnation, operation)
  load()
  if operation.kind == 'status' then return status() end
  local told = { grants = {} }
  forget()
  told.disagreement = disagree(operation.agreement)
  if told.disagreement then
    save()
    return answer(told)
  end
  local terms = operation.terms
  -- Whoever does not know the limits cannot tell for how long a fence has to stand: the next actor raises it.
  local isFenced = terms and S.incarnation ~= incarnation
  if isFenced then fence(terms, incarnation) end
  recover()
  if operation.kind == 'set' then S.set = operation.pool end
  if not terms then
    apply(operation)
    save()
    push({}, NEWS[operation.kind])
    return answer(told)
  end
  if S.set then terms.pool = withSet(terms.pool) end
  follow(terms.pool)
  told.grants = apply(operation, terms)
  local asking = operation.kind == 'request' and operation.actor or nil
  local own, pushed = serve(terms, asking)
  told.made = #own
  for _, grant in ipairs(own) do told.grants[#told.grants + 1] = grant end
  if asking then tell(told, operation, terms) end
  save()
  push(pushed, isFenced or NEWS[operation.kind])
  return answer(told)
end

-- What the server refuses for reasons of its own, which say nothing about what is stored.
local REFUSALS = { 'OOM', 'READONLY', 'MISCONF', 'NOREPLICAS', 'CLUSTERDOWN', 'NOPERM', 'NOAUTH', 'ermission', 'not allowed', 'ACL' }

local function isRefusal(message)
  for _, word in ipairs(REFUSALS) do if string.find(message, word, 1, true) then return true end end
  return false
end

local isRead, operation = pcall(cjson.decode, ARGV[2])
if not (isRead and isOperation(operation)) then return redis.error_reply('ERR sluice: this is no operation on a ledger') end
local isDone, result = pcall(step, ARGV[1], operation)
if not isDone then
  local message = type(result) == 'table' and result.err or tostring(result)
  if isRefusal(message) then return redis.error_reply(message) end
  -- Something stored is not what was stored here. A ledger that begins anew is fenced, and that is safe; one that fails for ever is not.
  reset()
  return step(ARGV[1], cjson.decode(ARGV[2]))
end
return result
`
