# The first load of the web client, in a browser.  The tests: browser/load.mjs.
# bats file_tags=slow,release-only
load ../lib/common
load ../lib/browser

setup_file() { browser_up; }
teardown_file() { browser_down; }

@test "the first load: its size, and what comes before the first frame" { seen; }
@test "a second visit asks for no script or style again" { seen; }
@test "without a connection there is a page that says so, and leads back" { seen; }
@test "what the worker keeps says nothing about anybody" { seen; }
@test "it can be installed: manifest and icons" { seen; }
@test "/docs shows the operations of the API" { seen; }
@test "nothing was reported" { seen; }

@test "load.mjs has no other tests" { all_seen; }
