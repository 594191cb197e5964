"""From the inbox to the mezzanine store: sidecar, probe, judgement, intake, quarantine. All of its input is hostile."""
