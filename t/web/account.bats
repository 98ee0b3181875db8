# Registering, logging in and out, passwords, in a browser.  The tests: browser/account.mjs.
# bats file_tags=slow,release-only
load ../lib/common
load ../lib/browser

setup_file() { browser_up; }
teardown_file() { browser_down; }

@test "registration returns to the page where it started" { passed; }
@test "the login survives a reload" { passed; }
@test "the token appears in no URL" { passed; }
@test "a logout in one tab is seen in the other" { passed; }
@test "a wrong password is reported and the right one accepted" { passed; }
@test "an anonymous like asks for a login and is then sent" { passed; }
@test "closing the login dialog cancels the action" { passed; }
@test "an expired token asks for a login, and the comment is then sent" { passed; }
@test "an invalid token asks for a login, and the comment is then sent" { passed; }
@test "a revoked token asks for a login, and the comment is then sent" { passed; }
@test "a page opened with an expired token says so" { passed; }
@test "logout ends this device, logout everywhere ends all devices" { passed; }
@test "a failed logout everywhere is reported and keeps the login" { passed; }
@test "a new password logs out other devices and keeps both tabs" { passed; }
@test "names are rendered as text" { passed; }
@test "the browser reported no error" { passed; }

@test "account.mjs has no other tests" { lists_all_tests; }
