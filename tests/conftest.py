"""Settings of all tests."""

import hypothesis

# Examples are the same on every machine, and a slow machine is no failure.
hypothesis.settings.register_profile("project", deadline=None, derandomize=True)
hypothesis.settings.load_profile("project")
