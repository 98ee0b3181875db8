# The feed over a long time, and when something fails, in a browser.  The tests: browser/steady.mjs.
# bats file_tags=slow,release-only
load ../lib/common
load ../lib/browser

setup_file() { browser_up; }
teardown_file() { browser_down; }

@test "a link and a tap in the profile open each of six videos" { passed; }
@test "an unreachable server skips nothing, is reported once, and playback resumes" { passed; }
@test "a broken video behind another page is not skipped" { passed; }
@test "a page that failed to load appears when the server is back" { passed; }
@test "deleting one's video removes it from the feed and keeps the position" { passed; }
@test "new videos are offered during viewing and on return" { passed; }
@test "long viewing keeps lists and memory small and the position" { passed; }
@test "a prepared upload survives a visit to another page" { passed; }
@test "Home moves to the first video and End does nothing, with any modifier" { passed; }
@test "the wheel over the navigation moves the feed" { passed; }
@test "a feed that fails before the texts are loaded shows a readable error" { passed; }
@test "the author's list and the feed switch to the full rendition" { passed; }
@test "the browser reported no error" { passed; }

@test "steady.mjs has no other tests" { lists_all_tests; }
