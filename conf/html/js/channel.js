/*
 * channel.js - a named data channel of the session in use.
 * Copyright (C) the ngx_sfu_module authors
 *
 * The server's side has the channel under a number, which both sides know
 * before it is opened (negotiated).  A session has one m=application section,
 * which its first channel asks for.
 */

import * as api from './api.js';

const established = new WeakSet();

async function establish({ pc, session }) {
    if (established.has(pc)) {
        return;
    }

    const { sessionDescription } = await api.establish(session);

    await pc.setRemoteDescription(sessionDescription);
    await pc.setLocalDescription(await pc.createAnswer());
    await api.renegotiate(session, pc.localDescription);
    established.add(pc);
}

/* an RTCDataChannel that publishes under a name */
export async function publishChannel(it, name) {
    await establish(it);

    const id = await api.newChannel(it.session, { location: 'local',
                                                  dataChannelName: name });

    return it.pc.createDataChannel(name, { negotiated: true, id });
}

/* an RTCDataChannel that receives what a publisher's session sends */
export async function subscribeChannel(it, publisher, name) {
    await establish(it);

    const id = await api.newChannel(it.session, {
        location: 'remote', sessionId: publisher, dataChannelName: name,
    });

    return it.pc.createDataChannel(name, { negotiated: true, id });
}

/* one subscriber at a time may: the last one that was allowed to */
export const allowReply = (it, publisher, channel, canReply) =>
    api.updateChannel(it.session, {
        location: 'remote', sessionId: publisher,
        dataChannelName: channel.label, id: channel.id, canReply,
    });
