"""The mail that was sent: an SMTP server that keeps every letter, and a page to read and click them."""
