"""The recommender bench: candidates, peers and the champion on a history of one's own."""
