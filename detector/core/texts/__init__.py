"""The notice's words in 32 languages."""
