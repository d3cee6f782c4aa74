/*
 * code/cloudflare.js - the calls of the Cloudflare dialect, to copy.
 * Copyright (C) the ngx_sfu_module authors
 */

export const title = 'Cloudflare';

export const curl = ({ origin, app, secret, publisher, inspected, k }) => `\
SFU=${origin}/v1/apps/${app}
TOKEN="Authorization: Bearer ${secret}"

# the tracks of a session
curl -s${k} -H "$TOKEN" $SFU/sessions/${inspected}

# a session of your own, and an offer with the picture in it
SESSION=$(curl -s${k} -X POST -H "$TOKEN" $SFU/sessions/new |
    grep -o '[0-9a-f]\\{32\\}')
curl -s${k} -X POST -H "$TOKEN" $SFU/sessions/$SESSION/tracks/new -d '{
  "tracks": [{
    "location": "remote",
    "sessionId": "${publisher}",
    "trackName": "video"
  }]
}'
`;

export const javascript = ({ origin, app, secret, publisher }) => `\
// The secret belongs on your server; here it is in the page for a trial.
const call = async (method, path, body) => {
  const response = await fetch(
    \`${origin}/v1/apps/${app}/sessions/\${path}\`,
    { method, body: JSON.stringify(body),
      headers: { authorization: 'Bearer ${secret}' } });

  return response.json();
};

const pc = new RTCPeerConnection({ bundlePolicy: 'max-bundle' });
const video = document.createElement('video');

video.srcObject = new MediaStream();
video.autoplay = video.muted = true;
pc.ontrack = e => video.srcObject.addTrack(e.track);
document.body.append(video);

const { sessionId } = await call('POST', 'new');
const offer = await call('POST', \`\${sessionId}/tracks/new\`, {
  tracks: ['audio', 'video'].map(trackName => ({
    location: 'remote', trackName,
    sessionId: '${publisher}',
  })),
});

await pc.setRemoteDescription(offer.sessionDescription);
await pc.setLocalDescription(await pc.createAnswer());
await call('PUT', \`\${sessionId}/renegotiate\`,
           { sessionDescription: pc.localDescription });
`;
