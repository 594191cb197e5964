"""E-mail: written in the member's language, queued in the database, sent and tried again until it is gone."""
