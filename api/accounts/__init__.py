"""Accounts: opening one, the links of its messages, and the account of who is signed in."""
