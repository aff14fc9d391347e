"""The entry point: `cnncalc` and `python -m cnncalc`."""

import gc


def main() -> None:
    """Run the command line."""
    # Nearly all that a command makes lives until its end; looking for garbage only costs time.
    gc.set_threshold(100_000, 50, 100)
    from cnncalc.cli.app import main as run

    run()


if __name__ == "__main__":
    main()
