"""The architecture language as JSON Schema (draft 2020-12), for editors. See `language`."""
