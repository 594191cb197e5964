"""Starts docker-compose.yml without Docker's engine: runc, which the engine uses as well, runs each service's command.

Each service gets a network namespace of its own on a bridge per network, the file's environment, volumes, configs,
user, capabilities and limits. In place of pulled images stand folders of this machine (images.py says which). Needs
root.
"""
