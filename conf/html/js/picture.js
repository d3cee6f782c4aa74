/*
 * picture.js - a moving picture and a tone for who has no camera.
 * Copyright (C) the ngx_sfu_module authors
 *
 * Each frame carries its number twice: in digits for people, and in a row of
 * 32 black and white blocks, which survive scaling and a bad codec, for
 * programs (readCounter).  The watch link is mostly opened in another tab,
 * and a hidden tab gets no animation frames and slow timers: so the clock
 * ticks in a worker, and where the browser can take frames from us directly
 * (Chromium) they do not pass through the page's painting.
 */

export const width = 1280;
export const height = 720;
export const frequency = 440;

const rate = 30;
const block = width / 32;

/* 32 blocks: "10", 24 bits of the counter, 4 bits of check sum, "01" */

function checkSum(counter) {
    let sum = 5;

    for (let i = 0; i < 24; i += 4) {
        sum += counter >> i & 15;
    }

    return sum & 15;
}

function bitsOf(counter) {
    const text = counter.toString(2).padStart(24, '0')
                 + checkSum(counter).toString(2).padStart(4, '0');

    return [...`10${text}01`].map(Number);
}

function drawBlocks(c, counter) {
    bitsOf(counter).forEach((bit, i) => {
        c.fillStyle = bit ? '#fff' : '#000';
        c.fillRect(i * block, height - block, block, block);
    });
}

/* the number burnt into what a video element or a canvas shows, or null */
export function readCounter(source) {
    const w = source.videoWidth ?? source.width;
    const h = source.videoHeight ?? source.height;

    if (!w || !h) {
        return null;
    }

    const canvas = document.createElement('canvas');
    const c = canvas.getContext('2d', { willReadFrequently: true });
    const top = Math.floor(h - h * block / height);

    canvas.width = w;
    canvas.height = h - top;
    c.drawImage(source, 0, top, w, h - top, 0, 0, w, h - top);

    const { data } = c.getImageData(0, canvas.height >> 1, w, 1);
    const bits = Array.from({ length: 32 }, (_, i) => {
        const x = Math.floor((i + 0.5) * w / 32);

        return data[4 * x] + data[4 * x + 1] + data[4 * x + 2] > 384 ? 1 : 0;
    });
    const counter = parseInt(bits.slice(2, 26).join(''), 2);

    return bits.join('') === bitsOf(counter).join('') ? counter : null;
}

function drawBall(c, t, i) {
    const radius = 54 + 14 * i;
    const x = width / 2 + (width / 2 - radius - 40)
                          * Math.sin(t * (0.7 + 0.13 * i) + i * 2);
    const y = 330 + 190 * Math.cos(t * (0.9 - 0.11 * i) + i);
    const hue = 174 + 42 * i;
    const shade = c.createRadialGradient(x - radius / 3, y - radius / 3, 2,
                                         x, y, radius);

    shade.addColorStop(0, `hsl(${hue} 85% 72%)`);
    shade.addColorStop(1, `hsl(${hue} 70% 38%)`);
    c.fillStyle = shade;
    c.beginPath();
    c.arc(x, y, radius, 0, 2 * Math.PI);
    c.fill();
}

/* fine grain, so that an encoder has something to spend bits on */
function makeNoise() {
    const canvas = document.createElement('canvas');
    const c = canvas.getContext('2d');
    const image = c.createImageData(canvas.width = width + 256,
                                    canvas.height = height + 256);

    for (let i = 0; i < image.data.length; i += 4) {
        image.data[i] = image.data[i + 1] = image.data[i + 2] =
            Math.random() * 255;
        image.data[i + 3] = 90;
    }

    c.putImageData(image, 0, 0);

    return canvas;
}

function painter(noisy) {
    const canvas = document.createElement('canvas');
    const c = canvas.getContext('2d', { alpha: false });
    const noise = noisy && makeNoise();
    const ground = c.createLinearGradient(0, 0, width, height);

    canvas.width = width;
    canvas.height = height;
    ground.addColorStop(0, '#10302f');
    ground.addColorStop(1, '#0b1220');

    const paint = counter => {
        const now = new Date();
        const time = now.toTimeString().slice(0, 8);
        const tenth = Math.floor(now.getMilliseconds() / 100);

        c.fillStyle = ground;
        c.fillRect(0, 0, width, height);

        for (let i = 0; i < 4; i++) {
            drawBall(c, counter / rate, i);
        }

        if (noise) {
            c.drawImage(noise, -(counter * 37 % 256), -(counter * 91 % 256));
        }

        c.fillStyle = '#fff';
        c.textAlign = 'center';
        c.font = '600 132px ui-monospace, "DejaVu Sans Mono", monospace';
        c.fillText(`${time}.${tenth}`, width / 2, 370);
        c.font = '36px ui-monospace, "DejaVu Sans Mono", monospace';
        c.fillStyle = '#cfe9e6';
        c.fillText(`frame ${counter}`, width / 2, 440);
        drawBlocks(c, counter);
    };

    return { canvas, paint };
}

/* "tick" rate times a second, hidden tab or not; returns what stops it */
function metronome(tick) {
    const worker = new Worker(new URL('tick.js', import.meta.url));

    worker.onmessage = () => {
        tick();
        worker.postMessage(null);
    };
    worker.postMessage(1000 / rate);

    return () => worker.terminate();
}

/* Chromium: frames and samples go straight into a track */

function writerOf(kind) {
    const track = new MediaStreamTrackGenerator({ kind });

    return { track, writer: track.writable.getWriter() };
}

function directTracks(canvas) {
    const video = writerOf('video');
    const audio = writerOf('audio');
    const sampleRate = 48000;
    const chunk = 480;
    const started = performance.now();
    let sent = 0;

    const writeAudio = elapsed => {
        /* after a sleep of the computer: no hours of tone at once */
        sent = Math.max(sent, elapsed * sampleRate / 1000 - sampleRate / 4);
        sent -= sent % chunk;

        for ( ; sent < elapsed * sampleRate / 1000; sent += chunk) {
            const samples = Float32Array.from({ length: chunk }, (_, i) =>
                0.2 * Math.sin(2 * Math.PI * frequency * (sent + i)
                               / sampleRate));

            audio.writer.write(new AudioData({
                format: 'f32-planar', sampleRate, numberOfFrames: chunk,
                numberOfChannels: 1, timestamp: sent / sampleRate * 1e6,
                data: samples,
            })).catch(() => {});
        }
    };

    return {
        tracks: [video.track, audio.track],
        tick() {
            const elapsed = performance.now() - started;

            if (video.writer.desiredSize > 0) {
                video.writer.write(new VideoFrame(canvas, {
                    timestamp: elapsed * 1000,
                })).catch(() => {});
            }

            writeAudio(elapsed);
        },
        stop() {},
    };
}

/* other browsers: a canvas and an oscillator, which may need a click first */
async function capturedTracks(canvas) {
    const [video] = canvas.captureStream(rate).getTracks();
    const context = new AudioContext();
    const oscillator = new OscillatorNode(context, { frequency });
    const gain = new GainNode(context, { gain: 0.2 });
    const out = new MediaStreamAudioDestinationNode(context);

    oscillator.connect(gain).connect(out);
    oscillator.start();

    await Promise.race([
        context.resume(), new Promise(done => setTimeout(done, 500)),
    ]);

    return {
        tracks: context.state === 'running'
                    ? [video, ...out.stream.getTracks()] : [video],
        tick() {},
        stop() {
            context.close();
        },
    };
}

/* { stream, stop } */
export async function generate({ noisy = false } = {}) {
    const { canvas, paint } = painter(noisy);
    let counter = 0;

    paint(counter);

    const out = 'MediaStreamTrackGenerator' in globalThis
                    ? directTracks(canvas) : await capturedTracks(canvas);
    const stopTicks = metronome(() => {
        counter = (counter + 1) % (1 << 24);
        paint(counter);
        out.tick();
    });

    return {
        stream: new MediaStream(out.tracks),
        stop() {
            stopTicks();
            out.tracks.forEach(t => t.stop());
            out.stop();
        },
    };
}
