"""What is kept of a member, from all wings: the one place above them where it is joined into a copy for its owner."""
