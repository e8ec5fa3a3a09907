"""Property tests: no time limits, since the machine may be busy; `HYPOTHESIS_PROFILE=many` looks harder."""

from __future__ import annotations

import os

from hypothesis import HealthCheck, settings

settings.register_profile("rules", deadline=None, print_blob=True, suppress_health_check=[HealthCheck.too_slow])
settings.register_profile("many", settings.get_profile("rules"), max_examples=5_000)
settings.load_profile(os.environ.get("HYPOTHESIS_PROFILE", "rules"))
