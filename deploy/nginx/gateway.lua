-- Whom a request is counted for, and the problems that the gateway answers itself.

local addresses = require "addresses"
local json = require "cjson.safe"

-- As marquee/contracts/errors.py and api/errors.py name them: status, type, detail.
local PROBLEMS = {
    ["404"] = { 404, "not-found", "There is no such page." },
    ["413"] = { 413, "too-large", "The body is larger than this takes." },
    ["429"] = { 429, "too-often", "Too many requests in a short time." },
}
local AWAY = {
    503,
    "unavailable",
    "Something this needs is not there at the moment; trying again in a moment may help.",
}
local PROBLEM = '{"type":"/problems/%s","title":"%s","status":%d,"detail":"%s","instance":%s,"trace_id":"%s","errors":[]}'
local UNSAFE = { ["-"] = "+", ["_"] = "/" } -- RFC 4648 §5
local ACCOUNT_DIGITS = 19

local gateway = {}

-- What counts as one network: an IPv4 address, or the 64 bits that one subscriber has of IPv6. As api/members.py has it.
function gateway.network()
    return addresses.client():sub(1, 8)
end

-- What is written down of where a request comes from.
gateway.logged_network = addresses.network

local function claims(token)
    local payload = token:match("^[%w_-]*%.([%w_-]*)%.[%w_-]*$")
    local text = payload and ngx.decode_base64((payload:gsub("[-_]", UNSAFE)) .. ("="):rep(-#payload % 4))
    local found = text and json.decode(text)
    return type(found) == "table" and found or {}
end

-- The account that a token names, at one network; nothing where there is none. The token is not verified, that is the
-- API's work. So a forged one fills the account of nobody but its own network, which is counted as well.
function gateway.member()
    local shown = (ngx.var.http_authorization or ""):match("^[Bb][Ee][Aa][Rr][Ee][Rr] +(%S+)$")
    local said = claims(shown or ngx.var.arg_token or "")
    local account = tostring(said.acc or said.sub or "")
    if account:find("^%d+$") and #account <= ACCOUNT_DIGITS then
        return account .. " " .. gateway.network()
    end
    return ""
end

-- Answers with a problem as of RFC 9457, in the shape of the API's own.
function gateway.problem()
    local status, name, detail = unpack(PROBLEMS[ngx.var.status] or AWAY)
    local title = name:gsub("-", " ", 1):gsub("^%l", string.upper)
    ngx.status = status
    ngx.header["Content-Type"] = "application/problem+json"
    ngx.header["Cache-Control"] = "no-store"
    ngx.header["X-Trace-Id"] = ngx.var.trace_id
    if status == 429 or status == 503 then
        ngx.header["Retry-After"] = ngx.var.retry_after
    end
    local body = PROBLEM:format(name, title, status, detail, json.encode(ngx.var.uri), ngx.var.trace_id)
    ngx.header["Content-Length"] = #body
    ngx.print(body)
end

return gateway
