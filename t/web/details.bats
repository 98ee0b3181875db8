# Details of the web client, in a browser.  The tests: browser/details.mjs.
# bats file_tags=slow,release-only
load ../lib/common
load ../lib/browser

setup_file() { browser_up; }
teardown_file() { browser_down; }

@test "the password rule is shown and enforced on registration only" { seen; }
@test "error messages name no API parameter" { seen; }
@test "a link is copied without https, or shown to be selected" { seen; }
@test "six bytes are shown as six bytes" { seen; }
@test "a trailing slash opens the same page, and an unknown address says so" { seen; }
@test "on a desktop the buttons are beside the video, and an RTL title is at its author's name" { seen; }
@test "the record button is visible on a phone in landscape" { seen; }
@test "the browser reported no error" { seen; }

@test "details.mjs has no other tests" { all_seen; }
