# Recording with a camera, in a browser.  The tests: browser/camera.mjs.
# bats file_tags=slow,release-only
load ../lib/common
load ../lib/browser

setup_file() { browser_up; }
teardown_file() { browser_down; }

@test "recording, preview, upload and playback work: webm" { passed; }
@test "recording, preview, upload and playback work: mp4" { passed; }
@test "the browser reported no error" { passed; }

@test "camera.mjs has no other tests" { lists_all_tests; }
