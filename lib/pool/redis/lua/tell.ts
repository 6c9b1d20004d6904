/*
 * Part 7: what is told, as JSON: to the actor that asks, to others that hear, and to an operator. Numbers are written with 17 digits, since
 * the server's own way keeps 14.
 */

/** Answers, pushes and statuses. */
export const tellLua = `
local function text(x) return cjson.encode(x) end

local function list(items, show)
  local shown = {}
  for index, item in ipairs(items) do shown[index] = show(item) end
  return '[' .. table.concat(shown, ',') .. ']'
end

local function showGrant(g) return list(g, num) end

local function showTerm(term)
  return '{"of":' .. text(term.of) .. ',"interval":' .. num(term.interval) .. ',"savings":' .. num(term.savings) .. '}'
end

local function showHolds()
  if S.heldUntil <= S.now then return '[]' end
  local held, shown = call('ZRANGEBYSCORE', HOLDS, num(S.now), num(S.now + FARTHEST), 'WITHSCORES'), {}
  for i = 1, #held, 2 do shown[#shown + 1] = '[' .. text(held[i]) .. ',' .. num(tonumber(held[i + 1])) .. ']' end
  return '[' .. table.concat(shown, ',') .. ']'
end

-- What holds for every actor; open at its end, for more to follow.
local function snapshot()
  return '{"now":' .. num(S.now) .. ',"epoch":' .. num(S.epoch) .. ',"pausedUntil":' .. num(S.pausedUntil)
    .. ',"factor":' .. num(S.factor) .. ',"holds":' .. showHolds() .. (S.set and ',"set":' .. list(S.set, showTerm) or '')
end

local function answer(told)
  return snapshot() .. ',"wallTime":' .. num(floor(wall / 1000)) .. ',"grants":' .. list(told.grants, showGrant)
    .. (told.pollAt and ',"pollAt":' .. num(told.pollAt) or '') .. (told.spent and ',"spent":' .. num(told.spent - 1) or '')
    .. (told.disagreement and ',"disagreement":' .. text(told.disagreement) or '')
    .. ',"actors":' .. num(call('ZCARD', SEEN)) .. '}'
end

-- Channels have the name of the pool, as the keys do.
local PREFIX = string.sub(STATE, 1, -#'state' - 1)

-- Who may not publish is only slower to be heard.
local function push(pushed, isNews)
  if not isNews and next(pushed) == nil then return end
  local shown = snapshot()
  for name, grants in pairs(pushed) do
    redis.pcall('PUBLISH', PREFIX .. 'to:' .. name, shown .. ',"grants":' .. list(grants, showGrant) .. '}')
  end
  if isNews then redis.pcall('PUBLISH', PREFIX .. 'all', shown .. ',"grants":[]}') end
end

-- All there is, as an operator sees it; nothing is changed.
local function status()
  local counts, shown, usage = {}, {}, {}
  for _, name in ipairs(call('ZRANGEBYSCORE', SEEN, num(S.now - 10000000), '+inf')) do
    local mine = actorOf(name).user
    if mine then counts[mine] = (counts[mine] or 0) + 1 end
  end
  local packed = call('HGETALL', USERS)
  for i = 1, #packed, 2 do
    local u = unpackUser(packed[i], packed[i + 1])
    local present = counts[u.name] or 0
    if present > 0 or u.orders > 0 or u.pausedUntil > S.now then
      shown[#shown + 1] = '{"user":' .. text(u.name) .. ',"weight":' .. num(u.weight) .. ',"actors":' .. num(present)
        .. ',"waiting":' .. num(u.orders) .. ',"pausedUntil":' .. num(u.pausedUntil) .. '}'
    end
  end
  for _, of in ipairs({ 'requests', 'units', 'bytes' }) do
    local r = usedRecord(of)
    if r.period then
      usage[#usage + 1] = '{"of":' .. text(of) .. ',"period":' .. text(r.period) .. ',"amount":' .. num(r.amount) .. '}'
    end
  end
  local second = floor(S.now / 1e6)
  local granted = second == S.second and S.previous or second == S.second + 1 and S.current or { 0, 0, 0 }
  return snapshot() .. ',"clocks":' .. list(S.clocks, showTerm) .. (S.agreed and ',"agreement":' .. text(S.agreed) or '')
    .. ',"users":[' .. table.concat(shown, ',') .. '],"granted":' .. list(granted, num)
    .. ',"used":[' .. table.concat(usage, ',') .. ']}'
end
`
