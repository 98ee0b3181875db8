# Layout, languages and accessibility, in a browser.  The tests: browser/looks.mjs.
# bats file_tags=slow,release-only
load ../lib/common
load ../lib/browser

setup_file() { browser_up; }
teardown_file() { browser_down; }

@test "on a phone in Chinese pages pass axe-core and stay within the edges" { passed; }
@test "on a desktop in English pages pass axe-core and stay within the edges" { passed; }
@test "nothing overflows at 320 pixels" { passed; }
@test "nothing overflows at 3840 pixels" { passed; }
@test "the publish button is visible on the smallest screen" { passed; }
@test "plural forms and empty bios are localized" { passed; }
@test "a very long name does not cover the buttons" { passed; }
@test "a missing user or video is explained and shows nothing of the page before" { passed; }
@test "right-to-left text is rendered so" { passed; }
@test "the language is the browser's until another is chosen and remembered" { passed; }
@test "Tab reaches every control with a visible focus" { passed; }
@test "Escape closes drawers and dialogs and restores the focus" { passed; }
@test "going back closes a drawer first and then leaves the page" { passed; }
@test "prefers-reduced-motion stops all animations" { passed; }
@test "the browser reported no error" { passed; }

@test "looks.mjs has no other tests" { lists_all_tests; }
