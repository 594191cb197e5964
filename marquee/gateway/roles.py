"""Which role of the API answers a path, where its roles are services of their own."""

PATHS = {  # by a role's name, the first pattern that finds a path decides; everything else is the catalogue's
    "playback": r"^/v1/(?:playback-sessions|previews|licences|account/streams)(?:/|$)",
    "events": r"^/v1/(?:events|visits|steering)(?:/|$)",
    "catalogue": r"^/v1/profiles/[^/]+/rows$",
    "members": r"^/(?:v1/(?:accounts?|sign-in|plans|billing|profiles)|demo/mail)(?:/|$)",
}
REST = "catalogue"
