"""CPIX 2.3 (DASH-IF) as SPEKE 2.0 carries it: asks a key server for content keys; encrypted and signed documents."""
