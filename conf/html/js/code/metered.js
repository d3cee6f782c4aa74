/*
 * code/metered.js - the calls of the Metered dialect, to copy.
 * Copyright (C) the ngx_sfu_module authors
 *
 * A session is made with an offer here, and a track is pulled by what its
 * publisher calls it: with this page, "audio" and "video".
 */

export const title = 'Metered';

export const curl = ({ origin, app, secret, inspected, k }) => `\
SFU=${origin}/api/sfu/${app}
TOKEN="Authorization: Bearer ${secret}"

# the sessions of the app, and what one of them publishes
curl -s${k} -H "$TOKEN" $SFU/sessions
curl -s${k} -H "$TOKEN" $SFU/session/${inspected}/tracks
`;

export const javascript = ({ origin, app, secret, publisher }) => `\
// The secret belongs on your server; here it is in the page for a trial.
const call = async (method, path, body) => {
  const response = await fetch(
    \`${origin}/api/sfu/${app}/session/\${path}\`,
    { method, body: JSON.stringify(body),
      headers: { authorization: 'Bearer ${secret}',
                 'content-type': 'application/json' } });

  return response.json();
};

const pc = new RTCPeerConnection({ bundlePolicy: 'max-bundle' });
const video = document.createElement('video');

video.srcObject = new MediaStream();
video.autoplay = video.muted = true;
pc.ontrack = e => video.srcObject.addTrack(e.track);
document.body.append(video);

pc.addTransceiver('video');
await pc.setLocalDescription(await pc.createOffer());

const session = await call('POST', 'new',
                           { sessionDescription: pc.localDescription });

await pc.setRemoteDescription(session.sessionDescription);

const offer = await call('POST', \`\${session.sessionId}/track/subscribe\`, {
  tracks: ['audio', 'video'].map(remoteTrackId => ({
    remoteSessionId: '${publisher}', remoteTrackId,
  })),
});

await pc.setRemoteDescription(offer.sessionDescription);
await pc.setLocalDescription(await pc.createAnswer());
await call('PUT', \`\${session.sessionId}/renegotiate\`,
           { sessionDescription: pc.localDescription });
`;
