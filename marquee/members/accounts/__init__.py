"""Accounts: opened, verified, their passwords and addresses changed, their audit trail."""
