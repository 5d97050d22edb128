"""``python -m smartmix``: the command line where the program itself is not on the path."""

from smartmix.cli.main import main

if __name__ == "__main__":
    main()
