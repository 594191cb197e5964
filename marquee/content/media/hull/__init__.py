"""Searches a ladder for one title: short test encodes, the convex hull of quality over rate, rungs along it.

The method is that of per-title encoding (Aaron, Li, Manohara, De Cock, Ronca: "Per-Title Encode Optimization", Netflix,
2015) on sampled stretches at a fast preset, corrected by one encode at the preset of the rungs.
"""
