# Publishing, in a browser.  The tests: browser/publish.mjs.
# bats file_tags=slow,release-only
load ../lib/common
load ../lib/browser

setup_file() { browser_up; }
teardown_file() { browser_down; }

@test "what is taken is told before" { seen; }
@test "a photo and a song are refused by their name; other containers are taken without a preview" { seen; }
@test "what the server finds to be a photo is not offered for a retry" { seen; }
@test "a file is shown, titled, given a cover, sent and processed; others see it play" { seen; }
@test "the cover is the frame that was chosen and shown: the resumable way" { seen; }
@test "the cover is the frame that was chosen and shown: the plain way" { seen; }
@test "the moment at which the preview stands is taken, and given up" { seen; }
@test "a connection that is lost in between: it goes on where it was" { seen; }
@test "paused, the page loaded anew, and gone on with" { seen; }
@test "one's own video is deleted when asked twice" { seen; }
@test "nothing was reported" { seen; }

@test "publish.mjs has no other tests" { all_seen; }
