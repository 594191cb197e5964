-- Media tokens, checked at the edge without asking anyone. The other half is marquee/content/edge/signing.py.

local addresses = require "addresses"
local ffi = require "ffi"

-- Of libcrypto, which is part of nginx.
ffi.cdef [[
    const void *EVP_sha256(void);
    unsigned char *HMAC(const void *algorithm, const void *key, int key_length, const unsigned char *data,
                        size_t length, unsigned char *mac, unsigned int *mac_length);
    int CRYPTO_memcmp(const void *one, const void *other, size_t length);
]]

local KEY = os.getenv("MARQUEE_EDGE_KEY") or "" -- without one no token is authentic
local WATERMARK_KEY = os.getenv("MARQUEE_WATERMARK_KEY") or "" -- without one no watermarked release is served
local SHA256, SHA256_BYTES = ffi.C.EVP_sha256(), 32
local URL_SAFE = { ["+"] = "-", ["/"] = "_" } -- RFC 4648 §5
-- audience, title, release, session, lines, network, expires; the MAC is over all before the last dot
local TOKEN = "^(2%.(%l+)%.(%d+)%.(%d+)%.(%d+)%.(%d+)%.(%x*)%.(%d+))%.([%w_-]+)$"

local digest = ffi.new("unsigned char[?]", SHA256_BYTES)

local function hash(key, body)
    ffi.C.HMAC(SHA256, key, #key, body, #body, digest, nil)
    return ffi.string(digest, SHA256_BYTES)
end

local function mac(body)
    return (ngx.encode_base64(hash(KEY, body), true):gsub("[+/]", URL_SAFE))
end

-- What a process remembers, by key; forgotten as a whole when it is much.
local MOST = 20000
local function memory()
    local kept, count = {}, 0
    return function(key) return kept[key] end, function(key, value)
        if count >= MOST then
            kept, count = {}, 0
        end
        count = kept[key] == nil and count + 1 or count
        kept[key] = value
    end
end

local known, know = memory() -- authentic tokens: a player shows the same one with every segment for minutes
local held_until, hold = memory() -- until when a session's last answer holds here, by session

-- The fields of an authentic token, or nil.
local function read(token)
    local body, audience, title, release, session, lines, network, expires, shown = (token or ""):match(TOKEN)
    local own = body and KEY ~= "" and mac(body)
    if not own or #own ~= #shown or ffi.C.CRYPTO_memcmp(own, shown, #own) ~= 0 then
        return nil
    end
    return {
        audience = audience,
        prefix = title .. "/" .. release .. "/",
        session = session,
        lines = tonumber(lines),
        network = network,
        expires = tonumber(expires),
    }
end

local function open(token)
    local grant = known(token)
    if not grant then
        grant = read(token)
        if grant then
            know(token, grant)
        end
    end
    return grant
end

local function within(grant, object)
    return object:sub(1, #grant.prefix) == grant.prefix
end

-- The audiences of players and of warm-ups, and whether they can be served: `marked` and `unlisted` are those of
-- releases with a watermark.
local PLAYING = { media = true, marked = WATERMARK_KEY ~= "", unlisted = true }
local WATERMARKED = { marked = true, unlisted = true }
local WARM_UP = "0" -- the session of warm-ups, of which nobody is asked

-- Whether the token's audience opens this kind of object. Manifests name the pictures of the seek bar by paths of their own.
local function opens(grant, kind)
    return PLAYING[grant.audience] or (grant.audience == "thumbs" and kind == "thumbs")
end

-- Whether the object is no picture, or one within the token's lines: renditions are named `<codec>-<lines>p`, and
-- `<codec>-<lines>p-2` where there are two of one size.
local function small(grant, kind, folder)
    if grant.lines == 0 or kind ~= "video" then
        return true
    end
    local lines = tonumber(folder:match("%-(%d+)p%-?%d*$"))
    return lines ~= nil and lines <= grant.lines
end

-- Whether a session gets the second variant of a segment, as marquee/content/edge/variants.py has it.
local function second(release, session, segment)
    local block, place = math.floor(segment / (8 * SHA256_BYTES)), segment % (8 * SHA256_BYTES)
    local code = hash(WATERMARK_KEY, ("watermark/%s.%s.%d"):format(release, session, block))
    return bit.band(code:byte(math.floor(place / 8) + 1), bit.rshift(128, place % 8)) ~= 0
end

-- Of two variants of a segment the one for the token's session; the object itself where there is one.
local function variant(grant, object)
    local title, release, rest, number = object:match("^(%d+)/(%d+)/video(/[^/]+/(%d+)%.m4s)$")
    if not number or not (grant.audience == "unlisted" or second(release, grant.session, tonumber(number) - 1)) then
        return object
    end
    return title .. "/" .. release .. "/video-b" .. rest
end

local edge = {}

-- The leading bytes of the client's address in hex, as marquee/content/edge/networks.py writes them.
function edge.network()
    local address = addresses.client()
    local network = address:sub(1, #address == 4 and 3 or 6)
    return (network:gsub(".", function(byte)
        return ("%02x"):format(byte:byte())
    end))
end

local function here(grant)
    return grant.network == "" or grant.network == edge.network()
end

-- What becomes of a request for an object: "200" to serve it, "asked" to serve it if the API says that the session may
-- still be served, "401" when it shows no token, "403" when the token does not cover it (any more). Sets $session, that of
-- an authentic token, and $object, its path in the store.
function edge.verdict()
    local var = ngx.var
    local grant = open(var.token)
    if not grant then
        return "401"
    end
    var.session = grant.session
    local object = var.object
    local kind, folder = object:match("^%d+/%d+/(%l+)/([^/]+)")
    local covered = within(grant, object) and opens(grant, kind) and small(grant, kind, folder) and here(grant)
    if not covered or grant.expires <= ngx.time() then
        return "403"
    end
    if WATERMARKED[grant.audience] then
        var.object = variant(grant, object)
    end
    local moment = held_until(grant.session)
    return (grant.session == WARM_UP or moment and moment > ngx.now()) and "200" or "asked"
end

-- The API's answer is that the session stands; in this process that holds for some seconds.
function edge.stands(session, seconds)
    if ngx.status == 204 then
        hold(session, ngx.now() + seconds)
    end
end

-- "1" when the token may take the object out of the cache.
function edge.purges()
    local grant = open(ngx.var.token)
    local covered = grant and grant.audience == "purge" and within(grant, ngx.var.object)
    return covered and grant.expires > ngx.time() and "1" or "0"
end

return edge
