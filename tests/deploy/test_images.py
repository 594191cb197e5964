"""What the Dockerfiles copy exists, is let in by .dockerignore, and is all that a container needs."""

import os
import re
import shutil
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
from docker.utils.build import PatternMatcher

DOCKERFILES = ("deploy/docker/edge.Dockerfile", "deploy/docker/marquee.Dockerfile")
NEVER = (".env", ".git/config", ".venv/bin/python", "var/secrets/master_key", "web/node_modules/x", "tests/conftest.py")
BIN = Path(sys.executable).parent


def steps(root: Path, dockerfile: str, word: str) -> list[str]:
    text = (root / dockerfile).read_text().replace("\\\n", " ")
    return [line.removeprefix(f"{word} ") for line in text.splitlines() if line.startswith(f"{word} ")]


def context(root: Path) -> Iterator[str]:
    """The files that docker would send to the builder."""
    lines = [line for line in (root / ".dockerignore").read_text().splitlines() if line and not line.startswith("#")]
    yield from PatternMatcher(lines).walk(str(root))


@pytest.fixture(scope="module")
def sent(root: Path) -> set[str]:
    return {path for path in context(root) if (root / path).is_file()}


@pytest.mark.parametrize("dockerfile", DOCKERFILES)
def test_copied_files_are_in_the_context(root: Path, sent: set[str], dockerfile: str) -> None:
    copies = [step.split() for step in steps(root, dockerfile, "COPY") if not step.startswith("--from")]
    assert copies
    for source in (source for copy in copies for source in copy[:-1]):
        below = "" if source == "." else f"{source}/"
        assert source in sent or any(path.startswith(below) for path in sent), source


@pytest.mark.parametrize("dockerfile", DOCKERFILES)
def test_images_are_pinned_and_run_unprivileged(root: Path, dockerfile: str) -> None:
    stages = set()
    for step in steps(root, dockerfile, "FROM"):
        image, *name = step.split(" AS ")
        assert re.fullmatch(r"[a-z]+:\d[\w.]*(-\w+)*", image), image
        stages |= set(name)
    copied = {m[1] for step in steps(root, dockerfile, "COPY") if (m := re.match(r"--from=(\S+)", step))}
    assert copied <= stages
    (user,) = steps(root, dockerfile, "USER")
    assert any(f"useradd --uid {user} " in step for step in steps(root, dockerfile, "RUN"))


def test_context_holds_no_secret_and_no_rubbish(root: Path, sent: set[str]) -> None:
    assert not {
        path for path in sent if re.search(r"(^|/)(\.env|\.git/|\.venv/|node_modules/|__pycache__/|var/)", path)
    }
    matcher = PatternMatcher((root / ".dockerignore").read_text().splitlines()[1:])
    assert not [path for path in NEVER if not matcher.matches(path)]


def test_folders_of_the_code_are_in_the_context(root: Path, sent: set[str]) -> None:
    """Every folder with Python files, but those that no service needs."""
    folders = {p.parent.name for p in root.glob("*/*.py")} | {p.parts[-3] for p in root.glob("*/*/*.py")}
    code = folders - {"bench", "tests", "deploy", ".venv", "docs", "var", "node_modules"}
    assert code >= {"api", "dags", "marquee", "plugins"}
    assert code <= {path.split("/")[0] for path in sent}


def test_mounted_folders_belong_to_the_user(root: Path, services: dict[str, Any]) -> None:
    """A named volume takes the owner of the image's folder; one that the image lacks would belong to root."""
    made = {
        dockerfile: {
            w for step in steps(root, dockerfile, "RUN") if "install --directory" in step for w in step.split()
        }
        for dockerfile in DOCKERFILES
    }
    for name, service in services.items():
        for volume in service.get("volumes", []) if "build" in service else []:
            target = volume.split(":")[1] if ":" in volume else volume
            assert target in made[service["build"]["dockerfile"]], name


def test_edge_image_needs_only_jinja(root: Path, sent: set[str], tmp_path: Path) -> None:
    """nginx.py runs on the files of its image and the distribution's Python with Jinja."""
    for source, target in (s.split() for s in steps(root, "deploy/docker/edge.Dockerfile", "COPY")):
        copy = shutil.copytree if (root / source).is_dir() else shutil.copy
        (tmp_path / target).parent.mkdir(parents=True, exist_ok=True)
        copy(root / source, tmp_path / target)
    code = (
        "import runpy, sys; runpy.run_path('deploy/docker/nginx.py')\n"
        "files = [m.__file__ or '' for m in list(sys.modules.values()) if getattr(m, '__file__', None)]\n"
        "print(*sorted({f.split('site-packages/')[1].split('/')[0] for f in files if 'site-packages/' in f}))\n"
        "print(sys.modules['marquee.content.edge.nginx'].__file__)\n"
    )
    env = {"PATH": os.environ["PATH"], "PYTHONPATH": str(tmp_path)}
    done = subprocess.run([sys.executable, "-c", code], cwd=tmp_path, env=env, capture_output=True, text=True)
    assert done.returncode == 0, done.stderr
    packages, origin = done.stdout.splitlines()
    assert {p for p in packages.split() if not p.startswith("_")} == {"jinja2", "markupsafe"}
    assert origin.startswith(str(tmp_path))


def copied(root: Path, target: Path) -> Path:
    for path in context(root):
        if (root / path).is_file():
            (target / path).parent.mkdir(parents=True, exist_ok=True)
            shutil.copy(root / path, target / path)
    return target


@pytest.mark.slow
def test_install_steps_work_in_a_clean_folder(root: Path, tmp_path: Path) -> None:
    """The two uv steps of the Dockerfile, as they stand there; the large one without downloading."""
    tree, venv = copied(root, tmp_path / "app"), tmp_path / "venv"
    wanted = [s for step in steps(root, DOCKERFILES[1], "RUN") for s in re.findall(r"uv pip install .*", step)]
    assert len(wanted) == 2
    env = {**os.environ, "VIRTUAL_ENV": str(venv)}
    uv = str(BIN / "uv")
    subprocess.run([uv, "venv", "--python", sys.executable, str(venv)], check=True, capture_output=True)
    lock, project = (step.split()[1:] for step in wanted)
    subprocess.run([uv, *lock, "--dry-run"], cwd=tree, env=env, check=True, capture_output=True)
    (packages,) = venv.glob("lib/*/site-packages")
    (packages / "build.pth").write_text(str(Path(pytest.__file__).parents[1]))  # stands for the first step's result
    subprocess.run([uv, *project], cwd=tree, env=env, check=True, capture_output=True)
    assert (venv / "bin/marquee").exists()


@pytest.mark.slow
def test_web_installs_from_the_copied_files(root: Path, tmp_path: Path) -> None:
    for name in ("package.json", "package-lock.json", ".npmrc"):
        shutil.copy(root / "web" / name, tmp_path)
    npm = shutil.which("npm")
    assert npm
    subprocess.run([npm, "ci", "--dry-run", "--ignore-scripts"], cwd=tmp_path, check=True, capture_output=True)
