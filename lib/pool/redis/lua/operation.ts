/*
 * Part 8: what may be asked. A client with a bug is refused before anything is touched, so that it cannot spoil the ledger of the others.
 */

/** Tells operations from anything else. */
export const operationLua = String.raw`
local function isAmount(x) return isNumber(x) and x >= 0 end

local function isCost(cost, isRight)
  return type(cost) == 'table' and isRight(cost.requests) and isRight(cost.units) and isRight(cost.bytes)
end

local function are(items, isRight)
  if type(items) ~= 'table' then return false end
  for _, item in ipairs(items) do if type(item) ~= 'table' or not isRight(item) then return false end end
  return true
end

local function isTerm(term) return DIMENSION[term.of] and isAmount(term.interval) and isAmount(term.savings) end

local function isQuota(quota) return DIMENSION[quota.of] and isAmount(quota.limit) and type(quota.period) == 'string' end

local function areTerms(terms)
  return type(terms) == 'table' and are(terms.pool, isTerm) and are(terms.user, isTerm) and are(terms.quotas, isQuota)
    and isAmount(terms.lookAhead) and isAmount(terms.lead) and isAmount(terms.fence)
end

-- Names are parts of keys and members: no control characters, and no longer than a name can be.
local function isName(name) return type(name) == 'string' and #name <= 1024 and not string.find(name, '[%z\1-\31\127]') end

local function isWish(order)
  return type(order) == 'table' and isCost(order.cost, isAmount) and isAmount(order.count) and order.count >= 1
    and isAmount(order.weight) and type(order.standing) == 'boolean'
end

local KINDS = {
  request = function(o) return isName(o.actor) and isName(o.user) and (o.order == nil or isWish(o.order)) end,
  leave = function(o) return isName(o.actor) end,
  settle = function(o) return isName(o.user) and isAmount(o.weight) and isCost(o.more, isNumber) end,
  refund = function(o) return isCost(o.unused, isNumber) end,
  pause = function(o) return (o.user == nil or isName(o.user)) and isAmount(o.us) and type(o.cut) == 'boolean' end,
  resume = function(o) return o.user == nil or isName(o.user) end,
  hold = function(o) return isName(o.origin) and isAmount(o.us) end,
  set = function(o) return o.pool == nil or are(o.pool, isTerm) end,
  tick = function() return true end,
}

-- What an operator does as well, who does not know the limits.
local BY_ANYBODY = { leave = true, pause = true, resume = true, hold = true, set = true }

local function isOperation(o)
  if type(o) ~= 'table' then return false end
  if o.kind == 'status' then return true end
  local isRight = KINDS[o.kind]
  return isRight and isRight(o) and (areTerms(o.terms) or o.terms == nil and BY_ANYBODY[o.kind]) and (o.agreement == nil or type(o.agreement) == 'string')
end
`
