// Media tokens, checked at the edge without asking anyone. The other half is marquee/content/edge/signing.py.
// Written for njs 0.7 and later: the language is ES5.1 with parts of ES6.

const crypto = require('crypto');

const VERSION = '2';
const FIELDS = 9; // version, audience, title, release, session, lines, network, expires, mac

function mac(body) {
    return crypto.createHmac('sha256', process.env.MARQUEE_EDGE_KEY).update(body).digest('base64url');
}

function same(a, b) {
    if (a.length !== b.length) {
        return false;
    }
    let difference = 0;
    for (let i = 0; i < a.length; i++) {
        difference |= a.charCodeAt(i) ^ b.charCodeAt(i);
    }
    return difference === 0;
}

// The fields of an authentic token, or null.
function open(token) {
    const fields = (token || '').split('.');
    if (fields.length !== FIELDS || fields[0] !== VERSION) {
        return null;
    }
    const body = fields.slice(0, FIELDS - 1).join('.');
    if (!same(fields[FIELDS - 1], mac(body))) {
        return null;
    }
    return {
        audience: fields[1],
        prefix: `${fields[2]}/${fields[3]}/`,
        session: fields[4],
        lines: Number(fields[5]),
        network: fields[6],
        expires: Number(fields[7]),
    };
}

// Whether the token's audience opens the object. Manifests name the pictures of the seek bar by paths of their own.
function opens(grant, object) {
    const thumbs = object.split('/')[2] === 'thumbs';
    return (grant.audience === 'media' || (grant.audience === 'thumbs' && thumbs)) && object.indexOf(grant.prefix) === 0;
}

// Whether the object is no picture, or one within the token's lines: renditions are named `<codec>-<lines>p`.
function small(grant, object) {
    const path = object.split('/');
    if (grant.lines === 0 || path[2] !== 'video') {
        return true;
    }
    const found = /-(\d+)p$/.exec(path[3]);
    return found !== null && Number(found[1]) <= grant.lines;
}

// The leading bytes of an address as hex digits, as marquee/content/edge/networks.py writes them.
function networkOf(address) {
    const ipv4 = /^(?:::ffff:)?(\d+)\.(\d+)\.(\d+)\.\d+$/i.exec(address);
    if (ipv4) {
        return ipv4.slice(1).map((byte) => (256 + Number(byte)).toString(16).slice(1)).join('');
    }
    const halves = address.split('::');
    const first = halves[0] ? halves[0].split(':') : [];
    const last = halves[1] ? halves[1].split(':') : [];
    const groups = first.concat(new Array(Math.max(0, 8 - first.length - last.length)).fill('0'), last);
    return groups.slice(0, 3).map((group) => ('000' + group.toLowerCase()).slice(-4)).join('');
}

// "200" when the token covers the object, "401" when it is no token, "403" when it does not cover it (any more). After
// a colon follows the playback session of an authentic token: a call costs more than what it does, so there is one.
function grant(r) {
    const found = open(r.variables.token);
    if (found === null) {
        return '401:';
    }
    const object = r.variables.object;
    const here = found.network === '' || found.network === networkOf(r.remoteAddress);
    const covered = opens(found, object) && small(found, object) && here;
    return `${covered && found.expires > Date.now() / 1000 ? 200 : 403}:${found.session}`;
}

// "1" when the token may take the object out of the cache.
function purges(r) {
    const found = open(r.variables.token);
    const covered = found !== null && found.audience === 'purge' && r.variables.object.indexOf(found.prefix) === 0;
    return covered && found.expires > Date.now() / 1000 ? '1' : '0';
}

export default { grant, purges };
