/*
 * code/kvs.js - Kinesis Video Streams signaling, to copy.
 * Copyright (C) the ngx_sfu_module authors
 *
 * Channels are made and found over REST, signed with an access key; a viewer
 * offers over a WebSocket, and the master answers.
 */

export const title = 'KVS';

export const curl = ({ origin, k }) => `\
KVS=${origin}/kvs

call()
{
    curl -s${k} --aws-sigv4 aws:amz:us-east-1:kinesisvideo \\
        --user AKIADEMO:demo-secret -X POST "$KVS/$1" \\
        -H 'Content-Type: application/json' -d "$2"
    echo
}

# a channel, if there is none of this name, and all there are
call createSignalingChannel '{"ChannelName":"my-camera"}'
call listSignalingChannels '{}'
`;

export const javascript = ({ secure }) => `\
// npm install @aws-sdk/client-kinesis-video events \\
//     amazon-kinesis-video-streams-webrtc
import { KinesisVideoClient, CreateSignalingChannelCommand,
         DescribeSignalingChannelCommand, GetSignalingChannelEndpointCommand }
  from '@aws-sdk/client-kinesis-video';
import { Role, SignalingClient } from 'amazon-kinesis-video-streams-webrtc';

// the only difference from AWS is the endpoint
const region = 'us-east-1';
const credentials = { accessKeyId: 'AKIADEMO', secretAccessKey: 'demo-secret' };
const control = new KinesisVideoClient({
  region, credentials, endpoint: '${secure}/kvs',
});

const ChannelName = 'my-camera';

await control.send(new CreateSignalingChannelCommand({ ChannelName }))
  .catch(e => { if (e.name !== 'ResourceInUseException') throw e; });

const { ChannelInfo } = await control.send(
  new DescribeSignalingChannelCommand({ ChannelName }));
const { ResourceEndpointList } = await control.send(
  new GetSignalingChannelEndpointCommand({
    ChannelARN: ChannelInfo.ChannelARN,
    SingleMasterChannelEndpointConfiguration: {
      Protocols: ['WSS'], Role: Role.VIEWER,
    },
  }));

const signaling = new SignalingClient({
  role: Role.VIEWER, clientId: crypto.randomUUID(), region, credentials,
  channelARN: ChannelInfo.ChannelARN,
  channelEndpoint: ResourceEndpointList[0].ResourceEndpoint,
});

const pc = new RTCPeerConnection();
const video = document.createElement('video');

video.srcObject = new MediaStream();
video.autoplay = video.muted = true;
pc.ontrack = e => video.srcObject.addTrack(e.track);
document.body.append(video);

pc.onicecandidate = ({ candidate }) =>
  candidate && signaling.sendIceCandidate(candidate);
signaling.on('sdpAnswer', answer => pc.setRemoteDescription(answer));
signaling.on('iceCandidate', candidate => pc.addIceCandidate(candidate));
signaling.on('open', async () => {
  pc.addTransceiver('audio', { direction: 'recvonly' });
  pc.addTransceiver('video', { direction: 'recvonly' });
  await pc.setLocalDescription();
  signaling.sendSdpOffer(pc.localDescription);
});
signaling.open();
`;
