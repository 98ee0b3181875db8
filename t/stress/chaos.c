/* chaos.c: see chaos.h. */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <sys/un.h>
#include <signal.h>
#include <unistd.h>

#include "chaos.h"
#include "model.h"
#include "world.h"

enum { FLUSH, PAUSE, STOP, KILL, FOLD, DEEDS };

volatile bool chaos_over;

static int done[DEEDS];

bool
redis_say(const char *line)
{
	struct sockaddr_un to = { .sun_family = AF_UNIX };
	struct timeval patience = { 2, 0 };
	char reply[64] = "";
	bool ok;
	int fd = socket(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC, 0);

	snprintf(to.sun_path, sizeof(to.sun_path), "%s/run/redis/redis.sock", world.home);
	setsockopt(fd, SOL_SOCKET, SO_RCVTIMEO, &patience, sizeof(patience));
	ok = connect(fd, (struct sockaddr *)&to, sizeof(to)) == 0 &&
	     send(fd, line, strlen(line), MSG_NOSIGNAL) > 0 && recv(fd, reply, 60, 0) > 0;
	close(fd);
	return ok && reply[0] == '+';
}

static pid_t
redis_pid(void)
{
	char path[512];
	int pid = 0;
	FILE *f;

	snprintf(path, sizeof(path), "%s/run/redis/redis.pid", world.home);
	if ((f = fopen(path, "re")) == NULL)
		return 0;
	if (fscanf(f, "%d", &pid) != 1)
		pid = 0;
	fclose(f);
	return pid;
}

void
server(const char *verb, const char *service)
{
	char command[256];

	snprintf(command, sizeof(command), "t/stress/server %s %s", verb, service);
	if (system(command) != 0)
		violated(FAILED, "%s", command);
}

static void
signal_redis(int number)
{
	pid_t pid = redis_pid();

	if (pid > 1)
		kill(pid, number);
}

static void
act(int deed)
{
	char line[64];

	done[deed]++;
	switch (deed) {
	case FLUSH:
		redis_say("FLUSHALL\r\n");
		break;
	case PAUSE:
		snprintf(line, sizeof(line), "CLIENT PAUSE %d\r\n", 100 + dice(700));
		redis_say(line);
		break;
	case STOP:
		signal_redis(SIGSTOP);
		usleep(300000);
		signal_redis(SIGCONT);
		break;
	case FOLD: /* it starts a new epoch */
		server("kill", "fold");
		break;
	default:
		signal_redis(SIGKILL);
		usleep((useconds_t)dice(2) * (useconds_t)dice(500000));
		server("start", "redis");
	}
}

void *
chaos_run(void *unused)
{
	(void)unused;
	while (!chaos_over) {
		usleep((useconds_t)(100000 + dice(600000)));
		if (!chaos_over)
			act(dice(3) == 0 ? FLUSH : dice(DEEDS));
	}
	return NULL;
}

const char *
chaos_summary(void)
{
	static char text[128];

	snprintf(text, sizeof(text), "flushed %d, paused %d, stopped %d, killed %d, fold killed %d",
		 done[FLUSH], done[PAUSE], done[STOP], done[KILL], done[FOLD]);
	return text;
}
