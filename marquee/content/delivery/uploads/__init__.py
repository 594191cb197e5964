"""Uploads: deliveries that come file by file and piece by piece, kept out of the inbox until they are whole."""
