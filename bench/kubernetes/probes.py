"""Probes as commands within the container: kubelet's own requests come from the node."""

from typing import Any

Json = dict[str, Any]
KINDS = ("startup", "liveness", "readiness")


def commands(container: Json, moved: dict[int, int]) -> dict[str, list[str]]:
    """By kind, what asks as the container's probes do; `moved` are ports that it opens under another number."""
    given = {kind: container[f"{kind}Probe"] for kind in KINDS if f"{kind}Probe" in container}
    return {kind: _command(probe, container, moved) for kind, probe in given.items()}


def _command(probe: Json, container: Json, moved: dict[int, int]) -> list[str]:
    if "exec" in probe:
        words: list[str] = probe["exec"]["command"]
        return words
    asked = probe["httpGet"]
    port = next(p["containerPort"] for p in container["ports"] if p["name"] == asked["port"])
    headers = [word for h in asked.get("httpHeaders", []) for word in ("--header", f"{h['name']}: {h['value']}")]
    scheme = asked.get("scheme", "HTTP").lower()
    url = f"{scheme}://127.0.0.1:{moved.get(port, port)}{asked['path']}"
    return ["curl", "-fsSk", "--output", "/dev/null", *headers, url]


def health_check(container: Json, words: list[str]) -> Json:
    """As a compose file has it: the time of the startup probe, then that of the readiness probe."""
    startup, readiness = container["startupProbe"], container["readinessProbe"]
    return {
        "test": ["CMD", *words],
        "interval": f"{readiness['periodSeconds']}s",
        "timeout": f"{readiness.get('timeoutSeconds', 1)}s",
        "retries": readiness.get("failureThreshold", 3),
        "start_period": f"{startup['periodSeconds'] * startup['failureThreshold']}s",
    }
