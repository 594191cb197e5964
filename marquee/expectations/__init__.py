"""Great Expectations at the doors between the planes."""
