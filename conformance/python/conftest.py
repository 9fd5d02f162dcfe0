"""Ends each run with a line that says how many tests passed and failed, and begins it with an empty record."""

import os


def pytest_configure(config):
    os.environ["REQUESTS_CA_BUNDLE"] = os.environ["TENANT_CA"]
    open(os.environ["TENANT_BODIES"], "w", encoding="utf-8").close()


def pytest_terminal_summary(terminalreporter, exitstatus, config):
    count = {kind: len(terminalreporter.stats.get(kind, [])) for kind in ("passed", "failed", "error")}
    terminalreporter.write_line(f"python: {count['passed']} passed, {count['failed'] + count['error']} failed")
