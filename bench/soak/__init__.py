"""Hours of a steady rate of viewers."""
