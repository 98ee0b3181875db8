# A short pass in Firefox, driven by puppeteer.  The tests: browser/firefox.mjs.
# bats file_tags=slow,release-only
load ../lib/common
load ../lib/browser

setup_file() { browser_up; }
teardown_file() { browser_down; }

@test "the feed plays, and key and wheel move one video" { seen; }
@test "a user registers, likes and comments" { seen; }
@test "profile, messages, publishing and settings pages work" { seen; }
@test "the browser reported no error" { seen; }

@test "firefox.mjs has no other tests" { all_seen; }
