// Media tokens, checked at the edge without asking anyone. The other half is marquee/content/edge/signing.py.
// Written for njs 0.7 and later: the language is ES5.1 with parts of ES6.

const crypto = require('crypto');

const VERSION = '1';
const FIELDS = 7; // version, audience, title, release, session, expires, mac

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
    return { audience: fields[1], prefix: `${fields[2]}/${fields[3]}/`, session: fields[4], expires: Number(fields[5]) };
}

// "200" when the token covers the object, "401" when it is no token, "403" when it does not cover it (any more).
function verdict(r) {
    const grant = open(r.variables.token);
    if (grant === null) {
        return '401';
    }
    const object = r.variables.object;
    const thumbs = object.split('/')[2] === 'thumbs';
    // The manifests name the pictures of the seek bar too, by relative paths that inherit the media token.
    const opens = grant.audience === 'media' || (grant.audience === 'thumbs' && thumbs);
    const covered = opens && object.indexOf(grant.prefix) === 0;
    return covered && grant.expires > Date.now() / 1000 ? '200' : '403';
}

// For the log: the playback session of an authentic token, else nothing.
function session(r) {
    const grant = open(r.variables.token);
    return grant === null ? '' : grant.session;
}

export default { verdict, session };
