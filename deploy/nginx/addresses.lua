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

return addresses
