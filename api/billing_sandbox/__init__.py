"""The demo's billing sandbox: a local server that answers Stripe's API as far as Marquee calls it. No money moves.

An application of its own: `uvicorn api.billing_sandbox.main:app`. It imports nothing of the API but its middleware, and
keeps its state in a database of its own. Objects are documents in the wire shape of Stripe's API version that the
installed `stripe` library is made for; keys that begin with an underscore are the sandbox's own and never leave it.
"""
