/*
 * sfu/operation.h - what each request does to a session.
 * Copyright (C) the ngx_sfu_module authors
 *
 * An operation either fills the reply, errors included, or says that it must
 * wait; then it is called again when something happened, and has changed
 * nothing so far.
 */

#ifndef SFU_SFU_OPERATION_H
#define SFU_SFU_OPERATION_H

#include "sfu/session.h"

enum operation_result {
    OPERATION_DONE,
    OPERATION_WAIT,
};

enum operation_result operation_publish(struct sfu_session *session,
                                        const struct sfu_request *request,
                                        struct sfu_reply *reply);
enum operation_result operation_subscribe(struct sfu_session *session,
                                          const struct sfu_request *request,
                                          struct sfu_reply *reply);
enum operation_result
operation_subscribe_by_name(struct sfu_session *session,
                            const struct sfu_request *request,
                            struct sfu_reply *reply);
enum operation_result operation_renegotiate(struct sfu_session *session,
                                            const struct sfu_request *request,
                                            struct sfu_reply *reply);
enum operation_result operation_close(struct sfu_session *session,
                                      const struct sfu_request *request,
                                      struct sfu_reply *reply);
enum operation_result operation_update(struct sfu_session *session,
                                       const struct sfu_request *request,
                                       struct sfu_reply *reply);
enum operation_result
operation_close_by_name(struct sfu_session *session,
                        const struct sfu_request *request,
                        struct sfu_reply *reply);
enum operation_result operation_trickle(struct sfu_session *session,
                                        const struct sfu_request *request,
                                        struct sfu_reply *reply);
enum operation_result operation_get(struct sfu_session *session,
                                    const struct sfu_request *request,
                                    struct sfu_reply *reply);

enum operation_result operation_establish(struct sfu_session *session,
                                          const struct sfu_request *request,
                                          struct sfu_reply *reply);
enum operation_result
operation_publish_channels(struct sfu_session *session,
                           const struct sfu_request *request,
                           struct sfu_reply *reply);
enum operation_result
operation_subscribe_channels(struct sfu_session *session,
                             const struct sfu_request *request,
                             struct sfu_reply *reply);
enum operation_result
operation_update_channels(struct sfu_session *session,
                          const struct sfu_request *request,
                          struct sfu_reply *reply);
enum operation_result
operation_close_channels(struct sfu_session *session,
                         const struct sfu_request *request,
                         struct sfu_reply *reply);

/* the one that the request asks for, unless the worker is too busy */
enum operation_result operation_run(struct sfu_session *session,
                                    struct sfu_request *request,
                                    struct sfu_reply *reply);

/* whether it must wait for requests before it; what leaves SDP alone need not */
bool operation_is_queued(const struct sfu_request *request);

/* "by_name": an offer of ours that is pending is in nobody's way */
void operation_supersede(struct sfu_session *session,
                         const struct sfu_request *request);
/* whether its description is an answer, or an offer: it becomes that */
void operation_tell_description(const struct sfu_session *session,
                                struct sfu_request *request);

/*
 * A client offer into a copy of the negotiation.  On failure the reply has
 * the error and there is no copy.
 */
int operation_apply_offer(struct sfu_session *session, const char *offer,
                          struct sdp_negotiation **copy,
                          struct sfu_reply *reply);
/* the answer into the reply, and the copy into the session */
int operation_answer(struct sfu_session *session, struct sdp_negotiation *copy,
                     struct sfu_reply *reply);
/*
 * A copy for changes without a client offer, unless our own is pending and
 * not expired.
 */
int operation_begin(struct sfu_session *session, struct sdp_negotiation **copy,
                    struct sfu_reply *reply);
/* our offer into the reply, and the copy into the session */
int operation_offer(struct sfu_session *session, struct sdp_negotiation *copy,
                    bool optional, struct sfu_reply *reply);

/* drops the copy; the reply says that memory ran out */
void operation_no_memory(struct sdp_negotiation *copy,
                         struct sfu_reply *reply);

#endif
