# The feed, in a browser.  The tests: browser/feed.mjs.
# bats file_tags=release-only
load ../lib/common
load ../lib/browser

setup_file() { browser_up; }
teardown_file() { browser_down; }

@test "the first video plays and decodes frames" { seen; }
@test "exactly the next two videos are preloaded" { seen; }
@test "a drag moves one video" { seen; }
@test "the fastest fling moves one video" { seen; }
@test "a short slow drag moves one video" { seen; }
@test "a wheel notch moves one video" { seen; }
@test "a touchpad flick with inertia moves one video" { seen; }
@test "an arrow key press moves one video" { seen; }
@test "a held arrow key moves one video" { seen; }
@test "each gesture also moves back" { seen; }
@test "a drag that returns moves nothing" { seen; }
@test "the number of <video> elements stays constant" { seen; }
@test "after the last video the feed starts over" { seen; }
@test "a tap and the space bar pause and resume" { seen; }
@test "the progress bar seeks" { seen; }
@test "sound is asked for once and then remembered" { seen; }
@test "prefers-reduced-motion is respected" { seen; }
@test "a broken video is skipped, with a notice" { seen; }
@test "offline nothing is skipped, and online playback resumes" { seen; }
@test "the browser reported no error" { seen; }

@test "feed.mjs has no other tests" { all_seen; }
