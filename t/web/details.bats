# Details of the web client, in a browser.  The tests: browser/details.mjs.
# bats file_tags=slow,release-only
load ../lib/common
load ../lib/browser

setup_file() { browser_up; }
teardown_file() { browser_down; }

@test "registering: what a password needs is said before, and a short one is refused; logging in takes any" { seen; }
@test "a refusal of the API names no parameter" { seen; }
@test "a link is copied without the rights of https; where nothing copies it, it stays to be selected" { seen; }
@test "six bytes are six bytes" { seen; }
@test "with a slash at its end an address is the same page, and one that is none says so" { seen; }
@test "on a large screen the buttons are beside the picture, and a title from right to left is at its author's name" { seen; }
@test "on a phone that lies the record button is in full sight" { seen; }
@test "nothing was reported" { seen; }

@test "details.mjs has no other tests" { all_seen; }
