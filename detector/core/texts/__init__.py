"""The notice's texts in 32 languages."""
