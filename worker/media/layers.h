/*
 * media/layers.h - which encoding of a simulcast track a subscription follows.
 * Copyright (C) the ngx_sfu_module authors
 *
 * The encodings are sources of one group (source.h).  A sink follows one of
 * them, and another one from a key frame of that on, which is asked for; until
 * then nothing changes.  Which one is decided when something happened (an
 * encoding began, the choice changed) and at each report, never for a packet.
 *
 * There is no estimate of bandwidth: who leaves the choice to us begins with
 * the encoding of the lowest rate and is given a better one each
 * LAYERS_STEP_UP, as long as its receiver reports tell of next to no loss.
 */

#ifndef SFU_MEDIA_LAYERS_H
#define SFU_MEDIA_LAYERS_H

#include "media/sink.h"

#define LAYERS_STOPPED (1500 * USEC_PER_MS)     /* behind the other encodings */
#define LAYERS_STEP_UP (2 * USEC_PER_SEC)

void layers_init(struct media_sink *sink);
/* the one of the source's group to begin with, or to go on with */
struct media_source *layers_first(struct media_sink *sink,
                                  struct media_source *source);
/* a source of a group has packets, again */
void layers_began(struct media_source *source);
/* a packet of a source that sinks wait for: a key frame? */
void layers_join(struct media_source *source,
                 const struct media_packet *packet);
/* at each report, and after a change of the choice */
void layers_choose(struct media_sink *sink);
void layers_set_choice(struct media_sink *sink,
                       const struct media_choice *choice);
/* waits for no source any more */
void layers_give_up(struct media_sink *sink);

/*
 * When a packet of any of the group came last: of one without packets so far,
 * when it was made.
 */
usec_t layers_newest(const struct media_source *source);

/* whether this encoding can be had now */
bool layers_available(const struct media_source *source);
/* the rids of those that can, sorted; their number, 0 without simulcast */
size_t layers_list(struct media_source *source,
                   char rids[MEDIA_LAYERS_MAX][MEDIA_RID_SIZE]);

#endif
