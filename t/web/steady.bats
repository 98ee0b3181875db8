# The feed over a long time, and when something fails, in a browser.  The tests: browser/steady.mjs.
# bats file_tags=slow,release-only
load ../lib/common
load ../lib/browser

setup_file() { browser_up; }
teardown_file() { browser_down; }

@test "a link to any of six works shows it, and so does a tap in the profile" { seen; }
@test "no way to the server, which the browser does not know: nothing is skipped, it is said once, and it goes on" { seen; }
@test "what is behind another page is not skipped, whatever is wrong with it" { seen; }
@test "a page that could not be loaded comes by itself when the server is back" { seen; }
@test "one's own deleted video leaves the feed, and the feed is where it was" { seen; }
@test "a video that comes while somebody looks on is offered, and so is one to who comes back" { seen; }
@test "who watches for long: lists and memory stay small, and the place is kept" { seen; }
@test "what was prepared for publishing is there again after another page" { seen; }
@test "Home is the first video, End is none, whatever is held with them" { seen; }
@test "the wheel moves the feed over the navigation, too" { seen; }
@test "a feed that fails before the texts are there says so in words" { seen; }
@test "the author's list notices that the full rendition has come, and the feed plays it" { seen; }
@test "nothing was reported" { seen; }

@test "steady.mjs has no other tests" { all_seen; }
