"""Pages of the web app in a real browser: how soon they show on a phone over a slow link."""
