# Likes, comments, following, in a browser.  The tests: browser/social.mjs.
# bats file_tags=slow,release-only
load ../lib/common
load ../lib/browser

setup_file() { browser_up; }
teardown_file() { browser_down; }

@test "the button likes, and takes the like back" { seen; }
@test "a double tap likes, with a heart where it was; another leaves the like" { seen; }
@test "a like that is refused is taken back, and said" { seen; }
@test "a comment is written, seen by others as text, newest first, and deleted" { seen; }
@test "two follow each other, and are friends" { seen; }
@test "the author is followed over the video" { seen; }
@test "what one likes is in one's profile" { seen; }
@test "nothing was reported" { seen; }

@test "social.mjs has no other tests" { all_seen; }
