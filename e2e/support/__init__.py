"""What the tests in browsers share: sites under test, stages, measures."""
