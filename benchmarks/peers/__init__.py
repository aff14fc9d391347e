"""The parts of `run_vs_peers.py`: networks in the words of other runtimes, and their processes."""
