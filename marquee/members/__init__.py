"""Who watches: accounts, sign-in, second factors, e-mail.

A folder per noun, and `staff` for support, each with the use cases that the API and the command line call. It may use
the catalogue and the ground, and no other wing. Nothing here knows HTTP.
"""
