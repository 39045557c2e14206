"""The Tram Gazette: a small paper of a tram line, with the detector."""
