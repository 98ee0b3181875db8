# Layout, languages and accessibility, in a browser.  The tests: browser/looks.mjs.
# bats file_tags=slow,release-only
load ../lib/common
load ../lib/browser

setup_file() { browser_up; }
teardown_file() { browser_down; }

@test "on a phone in Chinese pages pass axe-core and stay within the edges" { seen; }
@test "on a desktop in English pages pass axe-core and stay within the edges" { seen; }
@test "nothing overflows at 320 pixels" { seen; }
@test "nothing overflows at 3840 pixels" { seen; }
@test "the publish button is visible on the smallest screen" { seen; }
@test "plural forms and empty bios are localized" { seen; }
@test "a very long name does not cover the buttons" { seen; }
@test "a missing user or video is explained and shows nothing of the page before" { seen; }
@test "right-to-left text is rendered so" { seen; }
@test "the language is the browser's until another is chosen and remembered" { seen; }
@test "Tab reaches every control with a visible focus" { seen; }
@test "Escape closes drawers and dialogs and restores the focus" { seen; }
@test "going back closes a drawer first and then leaves the page" { seen; }
@test "prefers-reduced-motion stops all animations" { seen; }
@test "the browser reported no error" { seen; }

@test "looks.mjs has no other tests" { all_seen; }
