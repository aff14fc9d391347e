"""The one layout of architecture files: what `cnncalc fmt` writes."""
