# Likes, comments, following, in a browser.  The tests: browser/social.mjs.
# bats file_tags=slow,release-only
load ../lib/common
load ../lib/browser

setup_file() { browser_up; }
teardown_file() { browser_down; }

@test "the button likes and unlikes" { seen; }
@test "a double tap likes with a heart at its place, and a second one keeps the like" { seen; }
@test "a rejected like is undone and reported" { seen; }
@test "a comment is posted, shown to others as text newest first, and deleted" { seen; }
@test "two users who follow each other are friends" { seen; }
@test "the author can be followed from the video" { seen; }
@test "liked videos are in the profile" { seen; }
@test "the browser reported no error" { seen; }

@test "social.mjs has no other tests" { all_seen; }
