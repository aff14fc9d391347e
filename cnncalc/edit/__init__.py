"""Files as their authors would write them: one layout, and expectations that are true."""
