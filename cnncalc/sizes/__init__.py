"""For which input sizes a network fits: closed forms, and the network run again at other sizes."""
