-- Addresses of clients, as bytes.

local MAPPED = ("\0"):rep(10) .. "\255\255" -- before an IPv4 address written as IPv6 (RFC 4291 §2.5.5.2)

local addresses = {}

-- The client's address: four bytes of IPv4, sixteen of IPv6.
function addresses.client()
    local address = ngx.var.binary_remote_addr
    if #address == 16 and address:sub(1, 12) == MAPPED then
        return address:sub(13)
    end
    return address
end

-- The client's network as logs have it: an IPv4 address without its last byte, an IPv6 one without all but the first 48
-- bits, which is what a household or a business gets (RFC 6177).
function addresses.network()
    local address = addresses.client()
    if #address == 4 then
        return ("%d.%d.%d.0/24"):format(address:byte(1, 3))
    end
    return ("%02x%02x:%02x%02x:%02x%02x::/48"):format(address:byte(1, 6))
end

return addresses
