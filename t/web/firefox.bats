# A short pass in Firefox, driven by puppeteer.  The tests: browser/firefox.mjs.
# bats file_tags=slow,release-only
load ../lib/common
load ../lib/browser

setup_file() { browser_up; }
teardown_file() { browser_down; }

@test "the feed plays, and key and wheel move one video" { passed; }
@test "a user registers, likes and comments" { passed; }
@test "profile, messages, publishing and settings pages work" { passed; }
@test "the browser reported no error" { passed; }

@test "firefox.mjs has no other tests" { lists_all_tests; }
