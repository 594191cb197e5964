"""A member's own copy of what is kept of them: asked for, made by a task, fetched by a link while it lies there."""
