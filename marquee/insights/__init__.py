"""What content operations see of the audience, drawn from the marts alone."""
