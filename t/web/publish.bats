# Publishing, in a browser.  The tests: browser/publish.mjs.
# bats file_tags=slow,release-only
load ../lib/common
load ../lib/browser

setup_file() { browser_up; }
teardown_file() { browser_down; }

@test "the limits are shown before an upload" { seen; }
@test "photos and songs are rejected by name, other containers accepted without a preview" { seen; }
@test "a file that the server finds to be a photo offers no retry" { seen; }
@test "a file gets a preview, title and cover, is uploaded and plays for others" { seen; }
@test "a resumable upload has the chosen frame as cover" { seen; }
@test "a plain upload has the chosen frame as cover" { seen; }
@test "the preview's time can be taken as cover and dropped again" { seen; }
@test "an upload resumes where its connection was lost" { seen; }
@test "a paused upload resumes after a reload" { seen; }
@test "deleting one's video asks for confirmation" { seen; }
@test "the browser reported no error" { seen; }

@test "publish.mjs has no other tests" { all_seen; }
