// Whether an output's sound is where and what it should be.
import { decodeSound, power, soundLag, sourceSound } from "./sound.mjs";

/** @typedef {import("./verify-export.mjs").Finding} Finding */

// Joints are faded over 5 ms, and a lossy codec smears a sound by some hundredths of a second.
const jointSeconds = 0.06;
const windowSeconds = 0.02;
const compareSeconds = 1;
const silence = 1e-7; // Mean square: -70 dB of full scale.
const audible = 1e-5;
const levelToleranceDb = 3.5;
const leastFit = 0.5;
const lengthToleranceSeconds = 0.03; // A codec's packet, and some.

/** The loudest part of a run, `length` seconds long. */
function loudest(source, run, length) {
  const room = run.seconds - 2 * jointSeconds - length;
  const places = Array.from({ length: Math.floor(room / 0.25) + 1 }, (_, i) => jointSeconds + i * 0.25);
  const loudness = (at) =>
    power(source.mono, Math.round((run.start + at) * source.rate), Math.round(length * source.rate));
  return places.reduce((best, at) => (loudness(at) > loudness(best) ? at : best), places[0]);
}

function lagOfRun(output, source, run) {
  const length = Math.min(compareSeconds, run.seconds - 2 * jointSeconds);
  if (length < 0.15) return null;
  const at = loudest(source, run, length);
  const from = Math.round((run.start + at) * source.rate);
  if (power(source.mono, from, Math.round(length * source.rate)) < silence) return null;
  return soundLag(output, run.at + at, source, run.start + at, length);
}

/** How many 20 ms windows of a run are louder or quieter than in the source, of how many. */
function levelsOff(output, source, run, lagSamples) {
  const { rate } = output;
  const count = Math.round(windowSeconds * rate);
  let off = 0;
  let windows = 0;
  for (let at = jointSeconds; at + jointSeconds + windowSeconds <= run.seconds; at += windowSeconds) {
    for (const side of [0, 1]) {
      const wanted = power(source.sides[side], Math.round((run.start + at) * rate), count);
      if (wanted < audible) continue;
      const got = power(output.sides[side], Math.round((run.at + at) * rate) + lagSamples, count);
      windows++;
      if (Math.abs(10 * Math.log10((got + 1e-9) / wanted)) > levelToleranceDb) off++;
    }
  }
  return { off, windows };
}

function checkSilent(output, run) {
  const from = Math.round((run.at + jointSeconds) * output.rate);
  const count = Math.floor((run.seconds - 2 * jointSeconds) * output.rate);
  const loud = output.sides.some((side) => power(side, from, count) > silence);
  return loud
    ? [{ code: "SOUND_NOT_SILENT", segment: run.segment, message: `segment ${run.segment} is not to be heard, but is` }]
    : [];
}

function checkHeard(output, source, run, { maxLagMs, facts }) {
  const lag = lagOfRun(output, source, run);
  if (!lag) return [];
  facts.soundMeasured++;
  if (lag.fit < leastFit) {
    return [
      {
        code: "SOUND_OTHER",
        segment: run.segment,
        message: `segment ${run.segment} has other sound than its source (fit ${lag.fit.toFixed(2)})`,
      },
    ];
  }
  const findings = [];
  const ms = (lag.samples * 1000) / output.rate;
  if (Math.abs(ms) > Math.abs(facts.soundLagMs)) facts.soundLagMs = ms;
  if (Math.abs(ms) > maxLagMs)
    findings.push({
      code: "SOUND_LAG",
      segment: run.segment,
      message: `segment ${run.segment} sounds ${ms.toFixed(3)} ms late`,
    });
  const { off, windows } = levelsOff(output, source, run, lag.samples);
  if (off > Math.max(1, windows * 0.03)) {
    findings.push({
      code: "SOUND_LEVEL",
      segment: run.segment,
      message: `segment ${run.segment}: ${off} of ${windows} windows are not as loud as in the source`,
    });
  }
  return findings;
}

function checkLength({ audio, audioPackets }, expectedSeconds) {
  const [num, den] = audio.time_base.split("/").map(Number);
  const end = Math.max(...audioPackets.map((p) => ((p.pts + p.duration) * num) / den));
  if (Math.abs(end - expectedSeconds) <= lengthToleranceSeconds) return [];
  return [
    {
      code: "SOUND_LENGTH",
      message: `the sound ends at ${end.toFixed(3)} s, the timeline at ${expectedSeconds.toFixed(3)} s`,
    },
  ];
}

/** @returns {Promise<Finding[]>} */
export async function checkSound({
  config,
  output,
  file,
  sources,
  runs,
  grains,
  pictureEnd,
  timelineEnd,
  mode,
  maxLagMs,
  facts,
}) {
  const { audio } = file;
  const heard = config.output.includeAudio !== false && runs.some((run) => run.heard && sources.get(run.source).audio);
  if (!heard)
    return audio ? [{ code: "SOUND_UNEXPECTED", message: "an audio stream where nothing is to be heard" }] : [];
  if (!audio) return [{ code: "SOUND_MISSING", message: "no audio stream" }];
  if (mode === "copy") return []; // It covers what the pictures cover, and is theirs packet by packet.
  const seconds = (grainCount) => Number(grainCount) / Number(grains);
  const end = mode === "exact" && pictureEnd > timelineEnd ? pictureEnd : timelineEnd;
  const findings = checkLength(file, seconds(end));
  const rate = Number(audio.sample_rate);
  const sound = await decodeSound(output, audio.index, rate);
  Object.assign(facts, { soundLagMs: 0, soundMeasured: 0 });
  for (const run of runs) {
    const source = sources.get(run.source);
    const inSeconds = {
      segment: run.segment,
      start: seconds(run.start),
      at: seconds(run.at),
      seconds: seconds(run.end - run.start),
    };
    if (!run.heard || !source.audio) {
      findings.push(...checkSilent(sound, inSeconds));
      continue;
    }
    const asMade = { origin: source.origin, layout: audio.channel_layout };
    const wanted = await sourceSound(source.file, source.audio.index, rate, asMade);
    findings.push(...checkHeard(sound, wanted, inSeconds, { maxLagMs, facts }));
  }
  return findings;
}
