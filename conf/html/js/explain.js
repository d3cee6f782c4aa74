/*
 * explain.js - what went wrong, and what one can do, in words.
 * Copyright (C) the ngx_sfu_module authors
 */

const byName = {
    NotAllowedError: ['The camera is not allowed',
        'Allow camera and microphone in the address bar, then choose them '
        + 'as the source again.'],
    NotFoundError: ['No camera was found', ''],
    NotReadableError: ['The camera is busy',
        'Another program uses it, or the system refuses it.'],
    OverconstrainedError: ['No fitting camera',
        'The camera offers no usable picture size.'],
    InsecureError: ['The camera needs a secure page',
        'Browsers give the camera only to https and to localhost.'],
};

const byCode = {
    no_media_path: ['No way for the media',
        'The media port of the server (UDP and TCP) cannot be reached from '
        + 'here: a firewall, or a missing "announce" address.'],
    empty_track_error: ['Nothing is sent yet',
        'The publisher is connected, but sends no media so far.'],
    not_found_track_error: ['Nothing to watch yet',
        'The publisher is not connected, or has no tracks.'],
    update_track_error: ['This track has no such layers',
        'Its publisher sends one quality only.'],
    repeated_local_track_error: ['This name is taken',
        'The session publishes one of this name already.'],
    no_stream: ['Nobody publishes this stream',
        'Its publisher is not there, or sends nothing so far.'],
    bad_stream_name: ['This cannot be the name of a stream',
        'It has a slash in it.'],
    stream_taken: ['Another publisher has this name now',
        'Who comes last has it. Choose another name, or wait for the end of '
        + 'that one.'],
    not_acceptable: ['Nothing in common',
        'Browser and server have no codec in common for this.'],
    not_json: ['An unexpected answer',
        'Something else than the SFU answers here. Is the location '
        + 'configured with "sfu_api cloudflare"?'],
};

const byStatus = {
    0: ['nginx does not answer', 'Is it running, and is the network up?'],
    401: ['Wrong secret',
        'The server has another secret than this development page.'],
    404: ['No app of that name',
        'The server has no "sfu_app demo"; this page is for development.'],
    410: ['The session has ended',
        'Its publisher has stopped or was restarted; a new link names the '
        + 'new session.'],
    425: ['The media does not connect',
        'The server has waited five seconds for the connection.'],
    429: ['Too many requests', 'The server asks for a pause.'],
    502: ['The media worker does not answer', 'It may be restarting.'],
    503: ['The media worker does not answer',
        'It may be restarting, or is overloaded.'],
    504: ['The media worker does not answer', 'It may be restarting.'],
};

/* { title, text } */
export function explain(error) {
    const [title, text] = byName[error.name] ?? byCode[error.code]
                          ?? byStatus[error.status]
                          ?? ['Something went wrong', error.message];

    return { title, text };
}
