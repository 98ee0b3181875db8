# Registering, logging in and out, passwords, in a browser.  The tests: browser/account.mjs.
# bats file_tags=slow,release-only
load ../lib/common
load ../lib/browser

setup_file() { browser_up; }
teardown_file() { browser_down; }

@test "somebody registers, and goes on where they were" { seen; }
@test "a reload keeps the session" { seen; }
@test "the token is in no address" { seen; }
@test "another tab logs out: this one knows" { seen; }
@test "a wrong password is told, and the right one is taken" { seen; }
@test "who is not logged in is asked, and then the like is done" { seen; }
@test "who leaves the dialog leaves the action, too" { seen; }
@test "an expired token: asked anew, and then the comment is sent" { seen; }
@test "a token that is no token: the same" { seen; }
@test "a token that was revoked from elsewhere: the same" { seen; }
@test "a page that comes back with an expired token says so" { seen; }
@test "log out: this device only; on all devices: all of them" { seen; }
@test "who cannot be logged out everywhere is told so, and is not logged out here either" { seen; }
@test "the password is changed: this tab and the next one stay, other devices do not" { seen; }
@test "names stay text" { seen; }
@test "nothing was reported" { seen; }

@test "account.mjs has no other tests" { all_seen; }
