"""Tests. A folder that is a package ends what its fixtures have started with its last test."""
