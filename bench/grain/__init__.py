"""Whether AV1 should synthesise film grain: bits at an equal picture under the grain, and how much grain is seen."""
