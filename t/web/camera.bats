# Recording with a camera, in a browser.  The tests: browser/camera.mjs.
# bats file_tags=slow,release-only
load ../lib/common
load ../lib/browser

setup_file() { browser_up; }
teardown_file() { browser_down; }

@test "recording, preview, upload and playback work: webm" { seen; }
@test "recording, preview, upload and playback work: mp4" { seen; }
@test "the browser reported no error" { seen; }

@test "camera.mjs has no other tests" { all_seen; }
