# Likes, comments, following, in a browser.  The tests: browser/social.mjs.
# bats file_tags=slow,release-only
load ../lib/common
load ../lib/browser

setup_file() { browser_up; }
teardown_file() { browser_down; }

@test "the button likes and unlikes" { passed; }
@test "a double tap likes with a heart at its place, and a second one keeps the like" { passed; }
@test "a rejected like is undone and reported" { passed; }
@test "a comment is posted, shown to others as text newest first, and deleted" { passed; }
@test "two users who follow each other are friends" { passed; }
@test "the author can be followed from the video" { passed; }
@test "liked videos are in the profile" { passed; }
@test "the browser reported no error" { passed; }

@test "social.mjs has no other tests" { lists_all_tests; }
