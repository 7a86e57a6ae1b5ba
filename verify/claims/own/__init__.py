"""Claims of one's own: the files of a folder elsewhere, as if they lay here, beside the built-in topics.

``python -m verify run ID --claims DIR`` names it. Workers inherit the variable; on other machines, and from
Python, it is set before verify is loaded. A file imports helpers as ``verify.claims.own._helper``.
"""

import os

VARIABLE = "VERIFY_CLAIMS"

__path__ = [os.environ[VARIABLE]] if os.environ.get(VARIABLE) else []
