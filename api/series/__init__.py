"""Series: seasons, episodes, and which to watch next."""
