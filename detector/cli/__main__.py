"""`python -m detector.cli` runs the command `detector`."""

from detector.cli.main import main

raise SystemExit(main())
