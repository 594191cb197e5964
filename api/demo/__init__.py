"""The demo's own pages, which no production has: the mail that the embedded catcher keeps."""
