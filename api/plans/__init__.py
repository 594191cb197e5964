"""Plans, and the account's subscription to one."""
