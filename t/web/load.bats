# The first load of the web client, in a browser.  The tests: browser/load.mjs.
# bats file_tags=release-only
load ../lib/common
load ../lib/browser

setup_file() { browser_up; }
teardown_file() { browser_down; }

@test "the first load meets its limits of size and requests before the first frame" { passed; }
@test "a second visit requests no script or style" { passed; }
@test "offline a page explains it and leads back" { passed; }
@test "the service worker caches nothing personal" { passed; }
@test "the client can be installed with manifest and icons" { passed; }
@test "/docs shows the operations of the API" { passed; }
@test "the browser reported no error" { passed; }

@test "load.mjs has no other tests" { lists_all_tests; }
