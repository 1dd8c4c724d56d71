"""`python -m voltherd` is `voltherd`."""

from voltherd.assembly.cli import main

if __name__ == "__main__":
    main()
