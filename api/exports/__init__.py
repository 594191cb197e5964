"""The copy of what is kept of a member: asked for, and fetched by the link of a message."""
