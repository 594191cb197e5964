"""The forensic watermark: two variants of every segment that look alike, and a reader that tells them apart.

A variant adds or takes away a faint keyed pattern of its own for each segment. Which variant of which segment a session
gets is decided at the edge (`marquee.content.edge.variants`); a capture shows it in the order of the segments.
"""
