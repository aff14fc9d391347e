"""A report as a table for people, or as JSON, CSV and Markdown."""
