"""Files in one layout: `cnncalc fmt`."""
