"""Candidate models: each learns from a Dataset, scores titles for viewers and recommends the best."""
