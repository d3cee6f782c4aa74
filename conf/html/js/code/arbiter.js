/*
 * code/arbiter.js - a call of the Arbiter dialect, to copy.
 * Copyright (C) the ngx_sfu_module authors
 *
 * Who opens the same path meets in the same room. A participant offers what
 * it sends, and is offered what each other sends.
 */

export const title = 'Arbiter';

export const curl = ({ origin, k }) => `\
ARBITER=${origin}/arbiter

# one more room, which a path is bound to; who asks for the path finds it
curl -s${k} -X POST $ARBITER/createRoom
curl -s${k} -X PATCH $ARBITER/claimRoom \\
    -H 'Content-Type: application/json' -d '{"urlPath":"/my-room"}'
curl -s${k} "$ARBITER/getRoomId?urlPath=/my-room"
`;

export const javascript = ({ origin }) => `\
const base = '${origin}/arbiter';
const urlPath = '/my-room';

const ask = async (method, path, body) => {
  const response = await fetch(base + path, {
    method, body: body && JSON.stringify(body),
    headers: body && { 'content-type': 'application/json' },
  });

  return response.json();
};

const find = () =>
  ask('GET', \`/getRoomId?urlPath=\${encodeURIComponent(urlPath)}\`);

let room = await find();

if (!room.id) {
  await ask('POST', '/createRoom');
  await ask('PATCH', '/claimRoom', { urlPath });
  room = await find();
}

const me = crypto.randomUUID();
const socket = new WebSocket(\`\${base.replace('http', 'ws')}/ws\`);
const send = (action, data) => socket.send(JSON.stringify({ action, data }));
const shake = data =>
  send('handshake', { sender: me, roomId: room.id, ...data });

await new Promise(open => socket.onopen = open);
send('identify', { id: me, roomId: room.id, type: 'client' });

// what we send, and the chat, whose id both sides know
const pc = new RTCPeerConnection();
const chat = pc.createDataChannel('chat', { negotiated: true, id: 100 });
const camera = await navigator.mediaDevices
  .getUserMedia({ audio: true, video: true });

camera.getTracks().forEach(track => pc.addTrack(track));
await pc.setLocalDescription();
shake({ type: 'producer', description: pc.localDescription });

// everybody else, each with a connection and a picture of their own
const others = new Map();

function other(id) {
  if (!others.has(id)) {
    const consumer = new RTCPeerConnection();
    const video = document.createElement('video');

    video.srcObject = new MediaStream();
    video.autoplay = video.muted = true;
    consumer.ontrack = e => video.srcObject.addTrack(e.track);
    document.body.append(video);
    others.set(id, { consumer, video });
  }

  return others.get(id);
}

socket.onmessage = async ({ data }) => {
  const message = JSON.parse(data);

  if (message.type === 'producer') {
    await pc.setRemoteDescription(message.description);
  } else if (message.type === 'consumer') {
    const { consumer } = other(message.remotePeerId);

    await consumer.setRemoteDescription(message.description);
    await consumer.setLocalDescription();
    shake({ type: 'consumer', remotePeerId: message.remotePeerId,
            description: consumer.localDescription });
  } else if (message.type === 'clientDisconnect') {
    const left = others.get(message.clientId);

    left?.consumer.close();
    left?.video.remove();
    others.delete(message.clientId);
  }
};
`;
