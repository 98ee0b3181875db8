# Details of the web client, in a browser.  The tests: browser/details.mjs.
# bats file_tags=slow,release-only
load ../lib/common
load ../lib/browser

setup_file() { browser_up; }
teardown_file() { browser_down; }

@test "the password rule is shown and enforced on registration only" { passed; }
@test "error messages name no API parameter" { passed; }
@test "a link is copied without https, or shown to be selected" { passed; }
@test "six bytes are shown as six bytes" { passed; }
@test "a trailing slash opens the same page, and an unknown address says so" { passed; }
@test "on a desktop the buttons are beside the video, and an RTL title is at its author's name" { passed; }
@test "the record button is visible on a phone in landscape" { passed; }
@test "the browser reported no error" { passed; }

@test "details.mjs has no other tests" { lists_all_tests; }
