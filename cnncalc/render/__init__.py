"""What commands print: columns, tables, writers of formats, diagnostics, pictures."""
