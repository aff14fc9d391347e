"""How each kind of task is done: from values where they lie to steps for the driver."""
