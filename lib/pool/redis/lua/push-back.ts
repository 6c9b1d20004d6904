/*
 * Part 5: pauses, and what is left of the rate after push-backs (lib/ledger/push-back.ts); and origins that are held.
 */

/** Grants nothing for a while, and less afterwards. */
export const pushBackLua = `
local CUT_TO, LEAST_FACTOR, CUT_EVERY, RECOVERY = 0.7, 0.1, 1000000, 0.05

-- A pause or a hold is over some day, whatever was said.
local LONGEST = 31 * 86400 * 1e6

local function pause(name, us, isCut)
  local till = S.now + min(us, LONGEST)
  if name then
    local u = userOf(name)
    u.pausedUntil = max(u.pausedUntil, till)
    claim(till)
  else S.pausedUntil = max(S.pausedUntil, till) end
  if not isCut then return end
  -- Nothing is asked meanwhile, and so nothing is known to be better.
  S.recoveredAt = max(S.recoveredAt, till, S.pausedUntil)
  if S.now - S.cutAt <= CUT_EVERY then return end
  S.factor, S.cutAt = max(LEAST_FACTOR, S.factor * CUT_TO), S.now
end

local function resume(name)
  if not name then
    S.pausedUntil, S.recoveredAt = 0, min(S.recoveredAt, S.now)
    return
  end
  local u = userOf(name)
  u.pausedUntil = 0
  unpark(u)
end

local function recover()
  local since = S.now - S.recoveredAt
  if S.factor == 1 or since <= CUT_EVERY then return end
  S.factor = min(1, S.factor + (RECOVERY * since) / 1e6)
  S.recoveredAt = S.now
end

local function hold(origin, us)
  local known = tonumber(call('ZSCORE', HOLDS, origin) or 0)
  if not isTime(known) then known = 0 end
  local till = max(known, S.now + min(us, LONGEST))
  write('ZADD', HOLDS, num(till), origin)
  S.heldUntil = max(S.heldUntil, till)
end
`
