"""The programs Marquee runs: where they are, and the one way to run them."""
