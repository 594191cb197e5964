"""Names of files in the work store that are made of all that the bytes depend on: what is there need not be made."""

import hashlib
import json

from marquee.contracts.plan import EncodePlan


def content_key(folder: str, plan: EncodePlan, *recipe: object, suffix: str = "") -> str:
    """`<folder>/<hash><suffix>` of what is made from a plan's film by a recipe, in JSON, with the plan's encoders."""
    inputs = [plan.mezzanine_sha256, plan.encoders, plan.attempt, *recipe]
    return f"{folder}/{hashlib.sha256(json.dumps(inputs).encode()).hexdigest()}{suffix}"
