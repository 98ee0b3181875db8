# The feed over a long time, and when something fails, in a browser.  The tests: browser/steady.mjs.
# bats file_tags=slow,release-only
load ../lib/common
load ../lib/browser

setup_file() { browser_up; }
teardown_file() { browser_down; }

@test "a link and a tap in the profile open each of six videos" { seen; }
@test "an unreachable server skips nothing, is reported once, and playback resumes" { seen; }
@test "a broken video behind another page is not skipped" { seen; }
@test "a page that failed to load appears when the server is back" { seen; }
@test "deleting one's video removes it from the feed and keeps the position" { seen; }
@test "new videos are offered during viewing and on return" { seen; }
@test "long viewing keeps lists and memory small and the position" { seen; }
@test "a prepared upload survives a visit to another page" { seen; }
@test "Home moves to the first video and End does nothing, with any modifier" { seen; }
@test "the wheel over the navigation moves the feed" { seen; }
@test "a feed that fails before the texts are loaded shows a readable error" { seen; }
@test "the author's list and the feed switch to the full rendition" { seen; }
@test "the browser reported no error" { seen; }

@test "steady.mjs has no other tests" { all_seen; }
