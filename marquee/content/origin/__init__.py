"""Publication to the origin replicas: in an order that never shows a half release, verified, resumable, repairable."""
