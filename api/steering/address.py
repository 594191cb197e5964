"""Where players ask for steering."""


def steering_url(base_url: str, session_id: int) -> str:
    """The address of a session's steering manifest."""
    return f"{base_url}/v1/steering/{session_id}"
