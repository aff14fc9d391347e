"""One tree of a YAML file: where each piece stands and how it is written, read and changed."""
