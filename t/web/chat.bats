# Chat, in a browser.  The tests: browser/chat.mjs.
# bats file_tags=slow,release-only
load ../lib/common
load ../lib/browser

setup_file() { browser_up; }
teardown_file() { browser_down; }

@test "friends find each other in the list" { passed; }
@test "a sent message is shown before the server has it" { passed; }
@test "the recipient sees a message within two seconds" { passed; }
@test "all messages are shown once in order" { passed; }
@test "unread messages are marked until they are read" { passed; }
@test "messages are rendered as text" { passed; }
@test "a first message of a follower appears and can be answered" { passed; }
@test "a message that failed is marked and can be resent" { passed; }
@test "a message found by a poll while it is being sent is shown once" { passed; }
@test "the browser reported no error" { passed; }

@test "chat.mjs has no other tests" { lists_all_tests; }
