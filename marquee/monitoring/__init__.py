"""What `marquee metrics` tells Prometheus of the platform as a whole: read from databases, files and servers.

A file per subject, each a `Part` of `parts.py`. It may read what any wing keeps, and changes nothing.
"""
