"""What search engines and pages that show a link elsewhere are told: robots.txt, sitemaps, previews of pages.

Nothing beyond what a guest sees from where the request comes, and only where the operator has turned it on.
"""
