"""`python -m jupyter_oci.cli …`, where the script is not in PATH."""

import sys

from .main import main

sys.exit(main())
