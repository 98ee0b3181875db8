# Recording with a camera, in a browser.  The tests: browser/camera.mjs.
# bats file_tags=slow,release-only
load ../lib/common
load ../lib/browser

setup_file() { browser_up; }
teardown_file() { browser_down; }

@test "what the camera sees is recorded, shown, sent, and plays: webm" { seen; }
@test "what the camera sees is recorded, shown, sent, and plays: mp4" { seen; }
@test "nothing was reported" { seen; }

@test "camera.mjs has no other tests" { all_seen; }
