# syntax=docker/dockerfile:1
# One image for every Python service of docker-compose.yml; each service gives its own command.

FROM node:24.18.0-bookworm-slim AS web
WORKDIR /web
COPY web/package.json web/package-lock.json web/.npmrc ./
RUN npm ci
COPY web ./
RUN npm run build

FROM python:3.11.15-slim-bookworm AS environment
# The recommender's library comes as source only.
RUN apt-get update \
    && apt-get install --yes --no-install-recommends gcc libc6-dev \
    && rm -rf /var/lib/apt/lists/*
RUN pip install --no-cache-dir uv==0.13.8
ENV VIRTUAL_ENV=/opt/venv UV_LINK_MODE=copy
RUN uv venv /opt/venv
WORKDIR /app
COPY requirements/lock.txt requirements/lock.txt
RUN --mount=type=cache,target=/root/.cache/uv \
    uv pip install --require-hashes --compile-bytecode --requirement requirements/lock.txt
COPY pyproject.toml README.md ./
COPY marquee marquee
COPY api api
COPY ml ml
COPY spark_jobs spark_jobs
# Editable, so that the templates beside the packages are found where they lie in the tree.
RUN uv pip install --offline --no-deps --no-build-isolation --editable .

FROM python:3.11.15-slim-bookworm
RUN apt-get update \
    && apt-get install --yes --no-install-recommends curl libgomp1 openjdk-17-jre-headless tesseract-ocr \
    && rm -rf /var/lib/apt/lists/*
# Named volumes take over the owner of the folder they are first mounted on.
RUN useradd --uid 10001 --no-create-home --home-dir /var/lib/marquee marquee \
    && install --directory --owner marquee --group marquee /var/lib/airflow/logs /var/lib/marquee/cache \
        /var/lib/marquee/events /var/lib/marquee/inbox /var/lib/marquee/lake /var/lib/marquee/quarantine /var/lib/marquee/scratch \
        /var/lib/marquee/prometheus /var/lib/marquee/tls /var/lib/marquee/tls/api /var/lib/marquee/tls/authority /var/lib/marquee/tls/edge \
        /var/lib/marquee/tls/gateway /var/lib/marquee/tls/origin /var/lib/marquee/tls/prometheus /var/lib/marquee/tls/shield /var/lib/marquee/warehouse \
        /var/lib/marquee/edge-log \
    && chown marquee:marquee /var/lib/airflow /var/lib/marquee
WORKDIR /app
COPY --from=environment /opt/venv /opt/venv
COPY --from=web /web/dist web/dist
COPY . .
ENV PATH=/opt/venv/bin:$PATH \
    PYTHONPATH=/app:/app/plugins \
    PYTHONUNBUFFERED=1 \
    AIRFLOW_HOME=/var/lib/airflow \
    MARQUEE_HOME=/var/lib/marquee
USER 10001
CMD ["marquee", "--help"]
