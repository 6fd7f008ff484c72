// What the tests call in the page.
const video = document.querySelector("video");
const blocks = document.createElement("canvas").getContext("2d", { willReadFrequently: true });

/** Resolves with an event of the video; rejects when it fails. */
function settled(name) {
  return new Promise((resolve, reject) => {
    video.addEventListener(name, resolve, { once: true });
    video.addEventListener("error", () => reject(new Error(video.error.message)), { once: true });
  });
}

/** Plays a file to its end. */
async function play(url) {
  const ended = settled("ended");
  video.src = url;
  await Promise.all([video.play(), ended]);
  return {
    error: video.error,
    pictures: video.getVideoPlaybackQuality().totalVideoFrames,
    soundBytes: video.webkitAudioDecodedByteCount,
  };
}

/** What is shown after a seek: luma of the area that says which picture it is. */
async function pictureAt(seconds, { width, height, columns, rows }) {
  const presented = new Promise((resolve) => video.requestVideoFrameCallback(resolve));
  const seeked = settled("seeked");
  video.currentTime = seconds;
  await Promise.all([seeked, presented]);
  blocks.drawImage(video, 0, 0, width, height, 0, 0, columns, rows);
  const { data } = blocks.getImageData(0, 0, columns, rows);
  return Array.from({ length: columns * rows }, (_, i) => data[4 * i]);
}

Object.assign(globalThis, { play, pictureAt });
