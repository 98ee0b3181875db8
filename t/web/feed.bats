# The feed, in a browser.  The tests: browser/feed.mjs.
# bats file_tags=slow,release-only
load ../lib/common
load ../lib/browser

setup_file() { browser_up; }
teardown_file() { browser_down; }

@test "the first video plays and decodes frames" { passed; }
@test "exactly the next two videos are preloaded" { passed; }
@test "a drag moves one video" { passed; }
@test "the fastest fling moves one video" { passed; }
@test "a short slow drag moves one video" { passed; }
@test "a wheel notch moves one video" { passed; }
@test "a touchpad flick with inertia moves one video" { passed; }
@test "an arrow key press moves one video" { passed; }
@test "a held arrow key moves one video" { passed; }
@test "each gesture also moves back" { passed; }
@test "a drag that returns moves nothing" { passed; }
@test "the number of <video> elements stays constant" { passed; }
@test "after the last video the feed starts over" { passed; }
@test "a tap and the space bar pause and resume" { passed; }
@test "the progress bar seeks" { passed; }
@test "sound is asked for once and then remembered" { passed; }
@test "prefers-reduced-motion is respected" { passed; }
@test "a broken video is skipped, with a notice" { passed; }
@test "offline nothing is skipped, and online playback resumes" { passed; }
@test "the browser reported no error" { passed; }

@test "feed.mjs has no other tests" { lists_all_tests; }
