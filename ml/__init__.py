"""Recommenders and the demand forecast: from the lake to MLflow to the catalogue."""
