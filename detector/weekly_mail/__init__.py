"""The figures of a week by mail: the message, its picture, and what has been sent."""
