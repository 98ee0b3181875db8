/* sandbox_output.c: files that hostile output may contain, and which are accepted. */
#include <errno.h>
#include <fcntl.h>
#include <signal.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "media/sandbox_output.h"
#include "tap.h"

#define MP4 "\0\0\0\030ftypisom\0\0\2\0isommp41"

static char folder[] = "/tmp/dousheng-harvest.XXXXXX";

/* The path of a file in the folder; valid until the next call but three. */
static const char *
at(const char *name)
{
	static char paths[4][128];
	static int next;
	char *path = paths[next++ % 4];

	snprintf(path, sizeof(paths[0]), "%s/%s", folder, name);
	return path;
}

static void
put(const char *name, const char *bytes, size_t n)
{
	int fd = open(at(name), O_WRONLY | O_CREAT | O_TRUNC, 0600);

	if (fd < 0 || write(fd, bytes, n) != (ssize_t)n)
		abort();
	close(fd);
}

static int
take(const char *name)
{
	return sandbox_output_copy(folder, name, "video.mp4", CONTAINER_MP4, 1000);
}

static bool
nothing_taken(void)
{
	return access(at("got/video.mp4"), F_OK) != 0;
}

static void
files(void)
{
	struct stat st;

	put("out/good.mp4", MP4, sizeof(MP4));
	CHECK(take("good.mp4") == 0 && lstat(at("got/video.mp4"), &st) == 0 &&
		  st.st_size == sizeof(MP4),
	      "a plain file is copied");
	CHECK(take("good.mp4") == 0, "a copy replaces an older one");
	CHECK(take("none.mp4") == ENOENT && !nothing_taken(),
	      "without a file the older copy stays");
	put("out/empty.mp4", "", 0);
	CHECK(take("empty.mp4") == EBADMSG && nothing_taken(), "an empty file is not accepted");
	CHECK(sandbox_output_copy(folder, "good.mp4", "video.mp4", CONTAINER_MP4,
				  sizeof(MP4) - 1) == EBADMSG &&
		  nothing_taken(),
	      "a file that is too large is not accepted");
	put("out/text.mp4", "<script>", 8);
	CHECK(take("text.mp4") == EBADMSG && nothing_taken(),
	      "a file of another kind is not accepted");
	CHECK(sandbox_output_copy(folder, "text.mp4", "text", CONTAINER_NONE, 1000) == 0,
	      "a file of any kind is accepted if allowed");
}

/* Opening a pipe for reading would block; the alarm ends the test then. */
static void
others(void)
{
	put("secret", MP4, sizeof(MP4));
	alarm(20);
	CHECK(symlink("../secret", at("out/link.mp4")) == 0 && take("link.mp4") == EBADMSG &&
		  nothing_taken(),
	      "a symbolic link is not followed");
	CHECK(link(at("secret"), at("out/hard.mp4")) == 0 && take("hard.mp4") == EBADMSG &&
		  nothing_taken(),
	      "a file with another name is not taken");
	CHECK(mkfifo(at("out/pipe.mp4"), 0600) == 0 && take("pipe.mp4") == EBADMSG &&
		  nothing_taken(),
	      "a pipe does not block");
	CHECK(mkdir(at("out/folder.mp4"), 0700) == 0 && take("folder.mp4") == EBADMSG &&
		  nothing_taken(),
	      "a folder is not accepted");
	put("secret", "untouched", 9);
	CHECK(symlink("../secret", at("got/video.mp4")) == 0 && take("good.mp4") == 0 &&
		  readlink(at("got/video.mp4"), (char[8]){ 0 }, 8) < 0,
	      "a link at the destination is replaced, not followed");
	CHECK(sandbox_output_copy(folder, "text.mp4", "none/video.mp4", CONTAINER_NONE, 1000) != 0,
	      "nothing is copied to another folder");
	alarm(0);
}

static bool
secret_untouched(void)
{
	char text[16] = "";
	int fd = open(at("secret"), O_RDONLY);
	ssize_t n = fd < 0 ? -1 : read(fd, text, sizeof(text));

	if (fd >= 0)
		close(fd);
	return n == 9 && memcmp(text, "untouched", 9) == 0;
}

static void
weights(void)
{
	char name[32];
	int i;

	CHECK(sandbox_output_bytes(folder) == INT64_MAX,
	      "links, pipes and folders count as too large");
	store_remove_tree(at("out"));
	mkdir(at("out"), 0700);
	put("out/one", "12345", 5);
	put("out/two", "123", 3);
	put("stdout", "12", 2);
	CHECK(sandbox_output_bytes(folder) == 10, "files and messages count by their size");
	for (i = 0; i < 300; i++) {
		snprintf(name, sizeof(name), "out/%d", i);
		put(name, "", 0);
	}
	CHECK(sandbox_output_bytes(folder) == INT64_MAX,
	      "hundreds of files are too many, even empty");
}

int
main(void)
{
	if (mkdtemp(folder) == NULL)
		return 1;
	mkdir(at("out"), 0700);
	mkdir(at("got"), 0700);
	files();
	others();
	CHECK(secret_untouched(), "targets of links are unchanged");
	weights();
	store_remove_tree(folder);
	return done();
}
