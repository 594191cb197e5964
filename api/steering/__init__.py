"""Content steering: which edge a session should use now."""
