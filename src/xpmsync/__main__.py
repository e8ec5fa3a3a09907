"""`python -m xpmsync`: the command line, for schedulers that are given an absolute path to Python."""

from xpmsync.cli.entry import main

if __name__ == "__main__":
    main()
