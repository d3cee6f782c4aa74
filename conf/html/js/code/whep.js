/*
 * code/whep.js - playing a stream, or a session, by WHEP, to copy.
 * Copyright (C) the ngx_sfu_module authors
 */

export const title = 'WHEP';

export const curl = ({ origin, secret, watched, k }) => `\
# offer.sdp has a receiving section for each track; a session's id is as
# good as the name of a stream
curl -i${k} -X POST ${origin}/whep/${watched} \\
    -H "Authorization: Bearer ${secret}" \\
    -H "Content-Type: application/sdp" \\
    --data-binary @offer.sdp
`;

export const javascript = ({ origin, secret, watched }) => `\
const pc = new RTCPeerConnection({ bundlePolicy: 'max-bundle' });
const video = document.createElement('video');

video.srcObject = new MediaStream();
video.autoplay = video.muted = true;
pc.ontrack = e => video.srcObject.addTrack(e.track);
document.body.append(video);

pc.addTransceiver('audio', { direction: 'recvonly' });
pc.addTransceiver('video', { direction: 'recvonly' });
await pc.setLocalDescription(await pc.createOffer());

const response = await fetch('${origin}/whep/${watched}', {
  method: 'POST',
  headers: { authorization: 'Bearer ${secret}',
             'content-type': 'application/sdp' },
  body: pc.localDescription.sdp,
});

await pc.setRemoteDescription({ type: 'answer',
                                sdp: await response.text() });
`;
