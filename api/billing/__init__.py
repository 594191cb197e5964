"""Reports of the payment provider."""
