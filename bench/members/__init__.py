"""The members' routes with millions of accounts."""
