// Whom a request is counted for, and the problems that the gateway answers itself.
// Written for njs 0.7 and later: the language is ES5.1 with parts of ES6.

// As marquee/contracts/errors.py and api/errors.py name them.
const PROBLEMS = {
    '404': [404, 'not-found', 'There is no such page.'],
    '413': [413, 'too-large', 'The body is larger than this takes.'],
    '429': [429, 'too-often', 'Too many requests in a short time.'],
};
const AWAY = [503, 'unavailable', 'Something this needs is not there at the moment; trying again in a moment may help.'];

// What counts as one network: an IPv4 address, or the 64 bits that one subscriber has of IPv6. As api/members.py has it.
function network(r) {
    const address = r.remoteAddress;
    const ipv4 = /^(?:::ffff:)?(\d+\.\d+\.\d+\.\d+)$/i.exec(address);
    if (ipv4) {
        return ipv4[1];
    }
    const halves = address.split('::');
    const first = halves[0] ? halves[0].split(':') : [];
    const last = halves.length > 1 && halves[1] ? halves[1].split(':') : [];
    const missing = halves.length > 1 ? 8 - first.length - last.length : 0;
    return first.concat(new Array(Math.max(0, missing)).fill('0'), last).slice(0, 4).join(':');
}

function claimsOf(token) {
    const parts = token.split('.');
    if (parts.length !== 3) {
        return {};
    }
    try {
        return JSON.parse(Buffer.from(parts[1], 'base64url').toString()) || {};
    } catch (e) {
        return {};
    }
}

// The account that a token names, at one network; nothing where there is none. The token is not verified, that is the
// API's work. So a forged one fills the account of nobody but its own network, which is counted as well.
function member(r) {
    const shown = /^Bearer +(\S+)$/i.exec(r.headersIn.Authorization || '');
    const claims = claimsOf(shown ? shown[1] : String(r.args.token || ''));
    const account = String(claims.acc || claims.sub || '');
    return /^\d{1,19}$/.test(account) ? `${account} ${network(r)}` : '';
}

// A problem as of RFC 9457, in the shape of the API's own.
function problem(r) {
    const found = PROBLEMS[r.variables.status] || AWAY;
    const title = found[1].replace('-', ' ');
    r.headersOut['Content-Type'] = 'application/problem+json';
    r.headersOut['Cache-Control'] = 'no-store';
    r.headersOut['X-Trace-Id'] = r.variables.trace_id;
    if (found[0] === 429 || found[0] === 503) {
        r.headersOut['Retry-After'] = r.variables.retry_after;
    }
    r.return(found[0], JSON.stringify({
        type: `/problems/${found[1]}`,
        title: title[0].toUpperCase() + title.slice(1),
        status: found[0],
        detail: found[2],
        instance: r.uri,
        trace_id: r.variables.trace_id,
        errors: [],
    }));
}

export default { member, network, problem };
