/*
 * code/whip.js - publishing a stream by WHIP, to copy.
 * Copyright (C) the ngx_sfu_module authors
 */

export const title = 'WHIP';

export const curl = ({ origin, secret, stream, k }) => `\
# offer.sdp is what your encoder, or a browser, offers; the answer comes back
# with the address of the session in "Location"
curl -i${k} -X POST ${origin}/whip/${stream} \\
    -H "Authorization: Bearer ${secret}" \\
    -H "Content-Type: application/sdp" \\
    --data-binary @offer.sdp
`;

export const javascript = ({ origin, secret, stream }) => `\
const pc = new RTCPeerConnection({ bundlePolicy: 'max-bundle' });
const camera = await navigator.mediaDevices.getUserMedia(
  { audio: true, video: true });

for (const track of camera.getTracks()) {
  pc.addTransceiver(track, { direction: 'sendonly' });
}

await pc.setLocalDescription(await pc.createOffer());

const response = await fetch('${origin}/whip/${stream}', {
  method: 'POST',
  headers: { authorization: 'Bearer ${secret}',
             'content-type': 'application/sdp' },
  body: pc.localDescription.sdp,
});

await pc.setRemoteDescription({ type: 'answer',
                                sdp: await response.text() });
// to stop: fetch(response.headers.get('location'), { method: 'DELETE', ... })
`;
