"""Manifests of a playback session: DASH and HLS, cut to what it may play."""
