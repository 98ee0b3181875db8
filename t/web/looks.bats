# Layout, languages and accessibility, in a browser.  The tests: browser/looks.mjs.
# bats file_tags=slow,release-only
load ../lib/common
load ../lib/browser

setup_file() { browser_up; }
teardown_file() { browser_down; }

@test "a phone, in Chinese: pictures, axe-core, edges" { seen; }
@test "a desktop, in English: pictures, axe-core, edges" { seen; }
@test "320 pixels wide: nothing lies beyond the edges" { seen; }
@test "3840 pixels wide: the same" { seen; }
@test "what sends a video is in full sight, however small the screen" { seen; }
@test "one is not many, and who says nothing says so in the reader's language" { seen; }
@test "a name without an end stays beside the buttons" { seen; }
@test "who or what is not there: said in words, with nothing of before in sight" { seen; }
@test "what runs from right to left does so" { seen; }
@test "the language: the browser's, until another is chosen, and that stays" { seen; }
@test "Tab reaches everything, and where the focus is can be seen" { seen; }
@test "Escape closes drawers and dialogs, and gives the focus back" { seen; }
@test "the way back closes a drawer, and leaves the page" { seen; }
@test "who wants little motion: nothing goes on moving" { seen; }
@test "nothing was reported" { seen; }

@test "looks.mjs has no other tests" { all_seen; }
