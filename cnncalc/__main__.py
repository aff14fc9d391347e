"""The entry point: `cnncalc` and `python -m cnncalc`."""

import atexit
import gc


def main() -> None:
    """Run the command line."""
    # Nearly all that a command makes lives until its end; looking for garbage only costs time.
    gc.set_threshold(100_000, 50, 100)
    # The same at the end, when the interpreter would go through everything once more.
    atexit.register(gc.freeze)
    from cnncalc.cli.app import main as run

    run()


if __name__ == "__main__":
    main()
