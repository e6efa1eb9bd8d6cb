"""`python -m speckle2vec` is `speckle2vec`."""

import sys

from speckle2vec.cli import main

sys.exit(main())
