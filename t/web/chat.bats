# Chat, in a browser.  The tests: browser/chat.mjs.
# bats file_tags=slow,release-only
load ../lib/common
load ../lib/browser

setup_file() { browser_up; }
teardown_file() { browser_down; }

@test "each finds the other among their friends" { seen; }
@test "one's own message is there at once, before the server has it" { seen; }
@test "the other sees it within two seconds" { seen; }
@test "all are there once, in the order in which they were written" { seen; }
@test "what was not looked at is marked, until it is" { seen; }
@test "what people write stays text" { seen; }
@test "a follower who writes for the first time is found, and answered" { seen; }
@test "a message that was not sent says so, and goes when asked again" { seen; }
@test "a message that a look at the server finds on its way is there once" { seen; }
@test "nothing was reported" { seen; }

@test "chat.mjs has no other tests" { all_seen; }
