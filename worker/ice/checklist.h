/*
 * ice/checklist.h - the checks of a controlling agent (RFC 8445, 6.1.4 and
 * 7.2), and consent after them (RFC 7675).
 * Copyright (C) the ngx_sfu_module authors
 *
 * For peers that are ICE-lite themselves and never check: they tell their
 * candidates, we check each, and nominate the first that answers.  The list
 * sends nothing; it says what is to be sent when.  Each try is a transaction
 * of its own.
 */

#ifndef SFU_ICE_CHECKLIST_H
#define SFU_ICE_CHECKLIST_H

#include "ice/agent.h"
#include "ice/check.h"

enum {
    ICE_REMOTES_MAX = 16,       /* candidates of a peer */
    ICE_REMOTE_TEXT = 256,      /* RFC 8839, 5.4: a ufrag, a password */
};

/* what the peer's description said */
struct ice_remote_params {
    char ufrag[ICE_REMOTE_TEXT + 1];
    char pwd[ICE_REMOTE_TEXT + 1];
    struct address candidates[ICE_REMOTES_MAX];
    size_t candidate_count;
};

enum ice_remote_state {
    ICE_REMOTE_WAITING,
    ICE_REMOTE_IN_PROGRESS,
    ICE_REMOTE_SUCCEEDED,
    ICE_REMOTE_FAILED,
};

struct ice_remote {
    struct map_entry by_id;             /* of the check that is out */
    struct ice_checklist *list;
    struct address address;
    uint8_t id[ICE_CHECK_ID_LEN];
    bool out;
    enum ice_remote_state state;
    unsigned tries;
    usec_t next;                        /* when it is checked again */
};

struct ice_checklist {
    struct ice_directory *directory;    /* borrowed: outlives us */
    char username[ICE_REMOTE_TEXT + 1 + ICE_UFRAG_LEN + 1];
    char password[ICE_REMOTE_TEXT + 1];
    struct ice_remote remotes[ICE_REMOTES_MAX];
    size_t count;
    struct ice_remote *chosen;          /* the first that answered, or NULL */
    bool nominated;                     /* and then to USE-CANDIDATE */
    usec_t paced;                       /* no check before */
    void *user;
};

/* local_ufrag: ours */
void ice_checklist_init(struct ice_checklist *list,
                        struct ice_directory *directory,
                        const struct ice_remote_params *params,
                        const char *local_ufrag, usec_t now, void *user);
void ice_checklist_fini(struct ice_checklist *list);

/*
 * The check that is due, in a buffer of ICE_CHECK_MAX bytes, and where to; its
 * length, 0: none is.
 */
size_t ice_checklist_next(struct ice_checklist *list, usec_t now,
                          uint8_t *buffer, const struct address **to);
/* when to ask again; -1: there is nothing left to check */
usec_t ice_checklist_when(const struct ice_checklist *list);

/* whose check it answers, as it claims; NULL: nobody's */
struct ice_remote *ice_directory_check(const struct ice_directory *d,
                                       struct span datagram);
/*
 * Whether it really does: the sender knows the password, and is where the
 * check went (RFC 8445, 7.2.5.2.1).  SFU_ERR_NOT_FOUND, SFU_ERR_AUTH,
 * SFU_ERR_STATE, SFU_ERR_UNSUPPORTED: it proves nothing
 */
int ice_checklist_answered(struct ice_remote *remote, struct span datagram,
                           const struct address *from, usec_t now);

#endif
