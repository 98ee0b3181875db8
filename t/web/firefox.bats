# A short pass in Firefox, driven by puppeteer.  The tests: browser/firefox.mjs.
# bats file_tags=slow,release-only
load ../lib/common
load ../lib/browser

setup_file() { browser_up; }
teardown_file() { browser_down; }

@test "the feed plays, and a key and the wheel move one video" { seen; }
@test "somebody registers, likes, and comments" { seen; }
@test "pages: profile, messages, publishing, settings" { seen; }
@test "nothing was reported" { seen; }

@test "firefox.mjs has no other tests" { all_seen; }
