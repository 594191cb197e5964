"""What the last stage of a Dockerfile says."""

import re
import shlex

from bench.compose.file import ROOT


class Stage:
    """The last stage of a file of this repository."""

    def __init__(self, path: str) -> None:
        text = (ROOT / path).read_text().replace("\\\n", " ")
        self._lines = re.split(r"^FROM .*$", text, flags=re.MULTILINE)[-1].splitlines()

    def steps(self, word: str) -> list[str]:
        """The arguments of each step of a kind."""
        return [line.removeprefix(f"{word} ") for line in self._lines if line.startswith(f"{word} ")]

    @property
    def user(self) -> int:
        return int(self.steps("USER")[-1])

    @property
    def workdir(self) -> str:
        return self.steps("WORKDIR")[-1]

    @property
    def environment(self) -> dict[str, str]:
        pairs = (word.partition("=") for step in self.steps("ENV") for word in step.split())
        return {name: value for name, _, value in pairs}

    @property
    def entrypoint(self) -> list[str]:
        return [word for step in self.steps("ENTRYPOINT") for word in re.findall(r'"([^"]+)"', step)]

    @property
    def folders(self) -> list[str]:
        """The folders that are made for the user."""
        made = (step for step in self.steps("RUN") if "install --directory" in step)
        return [word for step in made for word in shlex.split(step) if word.startswith("/var/lib/")]

    @property
    def copies(self) -> list[tuple[str, str]]:
        """Source in the repository and target below the workdir; not what comes from other stages."""
        pairs = (step.split() for step in self.steps("COPY") if not step.startswith("--"))
        return [(source, target) for source, target in pairs]
