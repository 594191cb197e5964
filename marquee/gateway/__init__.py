"""What stands before everything: TLS certificates, and the nginx between browsers and the API, the web app and Airflow.

It knows names, addresses and limits, and nothing of films or members. The edges stand beside it, not behind it.
"""
