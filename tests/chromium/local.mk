## The HTML pages in a headless Chromium; skips where there is none. Pictures of them stay in tests/output.
TESTS += tests/chromium/chromium-report.py
dist_check_SCRIPTS += tests/chromium/chromium-report.py
EXTRA_DIST += tests/chromium/browser.py tests/chromium/picture.py tests/chromium/measure.js
clean-local: clean-chromium
clean-chromium:
	rm -rf tests/output
.PHONY: clean-chromium
