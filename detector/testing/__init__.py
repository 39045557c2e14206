"""Testing under real ad blockers in real browsers: a closed internet, browsers, blockers.

None of this is imported when a page is served; it needs the extra `adblock-detector[qa]`.
"""
