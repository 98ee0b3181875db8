# Publishing, in a browser.  The tests: browser/publish.mjs.
# bats file_tags=slow,release-only
load ../lib/common
load ../lib/browser

setup_file() { browser_up; }
teardown_file() { browser_down; }

@test "the limits are shown before an upload" { passed; }
@test "photos and songs are rejected by name, other containers accepted without a preview" { passed; }
@test "a file that the server finds to be a photo offers no retry" { passed; }
@test "a file gets a preview, title and cover, is uploaded and plays for others" { passed; }
@test "a resumable upload has the chosen frame as cover" { passed; }
@test "a plain upload has the chosen frame as cover" { passed; }
@test "the preview's time can be taken as cover and dropped again" { passed; }
@test "an upload resumes where its connection was lost" { passed; }
@test "a paused upload resumes after a reload" { passed; }
@test "deleting one's video asks for confirmation" { passed; }
@test "the browser reported no error" { passed; }

@test "publish.mjs has no other tests" { lists_all_tests; }
