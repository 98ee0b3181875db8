/* check.h: checks replies against the model while others write. */
#ifndef STRESS_CHECK_H
#define STRESS_CHECK_H

#include "http.h"
#include "model.h"

enum question {
	ASK_FEED,
	ASK_USER,      /* what: whose */
	ASK_WORKS,     /* what: whose */
	ASK_LIKES,     /* what: whose */
	ASK_FOLLOWS,   /* what: whose */
	ASK_FOLLOWERS, /* what: whose */
	ASK_FRIENDS,   /* the viewer's */
	ASK_COMMENTS,  /* what: of which video */
	ASK_CHAT,      /* what: with whom; what they wrote since the viewer last polled */
	QUESTIONS
};

/*
 * Sends a request as a viewer (-1: anonymous) and checks the reply against the
 * model.  own: nobody else acts for the viewer meanwhile, so all their changes
 * must be visible.
 */
void ask(struct http *h, const char *token, int viewer, bool own, enum question q, int what);

#endif
