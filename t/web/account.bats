# Registering, logging in and out, passwords, in a browser.  The tests: browser/account.mjs.
# bats file_tags=slow,release-only
load ../lib/common
load ../lib/browser

setup_file() { browser_up; }
teardown_file() { browser_down; }

@test "registration returns to the page where it started" { seen; }
@test "the login survives a reload" { seen; }
@test "the token appears in no URL" { seen; }
@test "a logout in one tab is seen in the other" { seen; }
@test "a wrong password is reported and the right one accepted" { seen; }
@test "an anonymous like asks for a login and is then sent" { seen; }
@test "closing the login dialog cancels the action" { seen; }
@test "an expired token asks for a login, and the comment is then sent" { seen; }
@test "an invalid token asks for a login, and the comment is then sent" { seen; }
@test "a revoked token asks for a login, and the comment is then sent" { seen; }
@test "a page opened with an expired token says so" { seen; }
@test "logout ends this device, logout everywhere ends all devices" { seen; }
@test "a failed logout everywhere is reported and keeps the login" { seen; }
@test "a new password logs out other devices and keeps both tabs" { seen; }
@test "names are rendered as text" { seen; }
@test "the browser reported no error" { seen; }

@test "account.mjs has no other tests" { all_seen; }
