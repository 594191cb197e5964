# syntax=docker/dockerfile:1
# nginx in Marquee's roles, gateway, edge, shield and origin: deploy/docker/nginx.py writes the configuration and becomes nginx.

FROM debian:12-slim
RUN apt-get update \
    && apt-get install --yes --no-install-recommends curl libnginx-mod-http-cache-purge libnginx-mod-http-lua lua-cjson lua-resty-core \
        lua-resty-lrucache nginx python3-jinja2 \
    && rm -rf /var/lib/apt/lists/*
# The user of the other image, so that it may read the keys which that one makes for it,
# and that one takes away what edges have logged.
RUN useradd --uid 10001 --no-create-home --home-dir /var/lib/marquee-edge edge \
    && install --directory --owner edge --group edge /var/lib/marquee-edge /var/lib/marquee-edge/cache \
        /var/lib/marquee-edge/log /var/lib/marquee-edge/tls
WORKDIR /app
COPY marquee/__init__.py marquee/__init__.py
COPY marquee/contracts marquee/contracts
COPY marquee/content/__init__.py marquee/content/__init__.py
COPY marquee/content/edge marquee/content/edge
COPY marquee/gateway marquee/gateway
COPY marquee/tools/__init__.py marquee/tools/__init__.py
COPY marquee/tools/nginx.py marquee/tools/nginx.py
COPY deploy/nginx deploy/nginx
COPY deploy/docker/nginx.py deploy/docker/nginx.py
ENV PYTHONPATH=/app PYTHONUNBUFFERED=1
USER 10001
# On it nginx takes nobody new and finishes what it serves.
STOPSIGNAL SIGQUIT
ENTRYPOINT ["python3", "deploy/docker/nginx.py"]
