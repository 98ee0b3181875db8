# Chat, in a browser.  The tests: browser/chat.mjs.
# bats file_tags=slow,release-only
load ../lib/common
load ../lib/browser

setup_file() { browser_up; }
teardown_file() { browser_down; }

@test "friends find each other in the list" { seen; }
@test "a sent message is shown before the server has it" { seen; }
@test "the recipient sees a message within two seconds" { seen; }
@test "all messages are shown once in order" { seen; }
@test "unread messages are marked until they are read" { seen; }
@test "messages are rendered as text" { seen; }
@test "a first message of a follower appears and can be answered" { seen; }
@test "a message that failed is marked and can be resent" { seen; }
@test "a message found by a poll while it is being sent is shown once" { seen; }
@test "the browser reported no error" { seen; }

@test "chat.mjs has no other tests" { all_seen; }
