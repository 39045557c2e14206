"""Back-tests of `detector baits pick`: how long does a pool live that was picked from old lists?"""
