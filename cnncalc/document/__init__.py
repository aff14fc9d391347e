"""What the author wrote: files to a typed tree. Nothing is evaluated here."""
