# The feed, in a browser.  The tests: browser/feed.mjs.
# bats file_tags=release-only
load ../lib/common
load ../lib/browser

setup_file() { browser_up; }
teardown_file() { browser_down; }

@test "the first video plays: its time goes on, and frames are decoded" { seen; }
@test "the next two are loaded ahead, and nothing after them" { seen; }
@test "a finger that draws the page moves one video" { seen; }
@test "a finger that flings it, as fast as can be, moves one" { seen; }
@test "a finger that moves a little and slowly moves one" { seen; }
@test "a notch of a wheel moves one" { seen; }
@test "a flick on a touchpad, with its inertia, moves one" { seen; }
@test "an arrow key that is pressed moves one" { seen; }
@test "an arrow key that is held down moves one" { seen; }
@test "each of them goes back, too" { seen; }
@test "a finger that comes back moves nothing" { seen; }
@test "after all that: the same few <video> elements" { seen; }
@test "after the last video the feed starts over" { seen; }
@test "a tap pauses, another goes on; so does the space bar" { seen; }
@test "the progress bar seeks" { seen; }
@test "sound: asked for once, then remembered" { seen; }
@test "who wants little motion gets none" { seen; }
@test "a broken video is skipped, with a notice" { seen; }
@test "without a connection nothing is skipped; with one it goes on" { seen; }
@test "nothing was reported" { seen; }

@test "feed.mjs has no other tests" { all_seen; }
