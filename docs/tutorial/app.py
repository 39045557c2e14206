"""A site of one page, with the detector."""

from flask import Flask

from detector.flask import Detector

app = Flask(__name__)
app.secret_key = "change this to a long random text"
Detector(app, from_view=1)


@app.get("/")
def home() -> str:
    """Show the only page."""
    return """<!doctype html>
<html lang="en">
  <head><title>My site</title></head>
  <body><h1>Hello</h1><p>Ads pay for this page.</p></body>
</html>"""
