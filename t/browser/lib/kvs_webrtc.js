/*
 * lib/kvs_webrtc.js - the signaling client, for a module that imports it.
 * Copyright (C) the ngx_sfu_module authors
 *
 * Its makers' bundle is in the page already (lib/kvs.mjs); their sources need
 * packages that stand in for what browsers have.
 */

export const { Role, SignalingClient } = globalThis.KVSWebRTC;
