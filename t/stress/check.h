/* check.h: is a reply, read while others write, one that may be? */
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
 * Asks as a viewer (-1: nobody), and checks all that the reply shows against
 * the model.  own: nobody else acts for the viewer meanwhile, so all that they
 * did must show.
 */
void ask(struct http *h, const char *token, int viewer, bool own, enum question q, int what);

#endif
