/*
 * sfu/request.c - what may be asked of the model, and its answers.
 * Copyright (C) the ngx_sfu_module authors
 */

#include "sfu/request.h"

#include <stdlib.h>

#include "base/error.h"

void
sfu_reply_init(struct sfu_reply *reply)
{
    *reply = (struct sfu_reply){ 0 };
}

void
sfu_reply_fini(struct sfu_reply *reply)
{
    for (size_t i = 0; i < reply->track_count; i++) {
        free(reply->tracks[i].name);
        free(reply->tracks[i].mid);
        free(reply->tracks[i].publisher);
        free(reply->tracks[i].label);
    }

    for (size_t i = 0; i < reply->session_count; i++) {
        free(reply->sessions[i].id);
        free(reply->sessions[i].metadata);
    }

    for (size_t i = 0; i < reply->channel_count; i++) {
        free(reply->channels[i].name);
        free(reply->channels[i].publisher);
    }

    free(reply->tracks);
    free(reply->channels);
    free(reply->sessions);
    free(reply->session);
    free(reply->answer);
    free(reply->offer);
    free(reply->etag);
    free(reply->fragment);
    sfu_reply_init(reply);
}

int
sfu_reply_set(char **member, const char *value)
{
    char *copy = NULL;

    if (value != NULL && (copy = strdup(value)) == NULL) {
        return SFU_ERR_NOMEM;
    }

    free(*member);
    *member = copy;

    return 0;
}

struct sfu_reply_track *
sfu_reply_add(struct sfu_reply *reply)
{
    struct sfu_reply_track *tracks =
        realloc(reply->tracks, (reply->track_count + 1) * sizeof(*tracks));

    if (tracks == NULL) {
        return NULL;
    }

    reply->tracks = tracks;
    tracks[reply->track_count] = (struct sfu_reply_track){ 0 };

    return &tracks[reply->track_count++];
}

int
sfu_reply_tracks(struct sfu_reply *reply, const struct sfu_request *request)
{
    for (size_t i = 0; i < request->track_count; i++) {
        const struct sfu_request_track *asked = &request->tracks[i];
        struct sfu_reply_track *track = sfu_reply_add(reply);

        if (track == NULL || sfu_reply_set(&track->name, asked->name)
            || sfu_reply_set(&track->publisher, asked->publisher)) {
            return SFU_ERR_NOMEM;
        }
    }

    return 0;
}

struct sfu_reply_channel *
sfu_reply_add_channel(struct sfu_reply *reply)
{
    size_t count = reply->channel_count;
    struct sfu_reply_channel *channels =
        realloc(reply->channels, (count + 1) * sizeof(*channels));

    if (channels == NULL) {
        return NULL;
    }

    reply->channels = channels;
    channels[count] = (struct sfu_reply_channel){ .id = -1 };
    reply->channel_count++;

    return &channels[count];
}

int
sfu_reply_channels(struct sfu_reply *reply, const struct sfu_request *request)
{
    for (size_t i = 0; i < request->channel_count; i++) {
        const struct sfu_request_channel *asked = &request->channels[i];
        struct sfu_reply_channel *channel = sfu_reply_add_channel(reply);

        if (channel == NULL || sfu_reply_set(&channel->name, asked->name)
            || sfu_reply_set(&channel->publisher, asked->publisher)) {
            return SFU_ERR_NOMEM;
        }
    }

    return 0;
}
