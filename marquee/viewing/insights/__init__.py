"""What content operations see of the audience, drawn from the marts alone: `page.view` has all of it."""
