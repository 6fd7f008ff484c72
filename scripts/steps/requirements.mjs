// What this project needs from the system, by purpose, and which of it is missing.
import { accessSync, constants, existsSync, readFileSync } from "node:fs";
import path from "node:path";
import { spawnSync } from "node:child_process";

/**
 * @typedef {"build" | "test" | "demo" | "bench" | "format" | "fuzz" | "browser" | "containers"} Purpose
 * @typedef {object} Requirement
 * @property {string} name What is looked for: a command on PATH, or a pkg-config module.
 * @property {string} [atLeast] The oldest module version that will do.
 * @property {string[]} [commands] Any one of these will do. Absent: a pkg-config module.
 * @property {Purpose[]} purposes
 * @property {string} apt The package on Debian and Ubuntu.
 * @property {string} dnf On Fedora.
 * @property {string} brew On Homebrew.
 */

const command = (name, purposes, apt, dnf, brew, commands = [name]) => ({ name, commands, purposes, apt, dnf, brew });
const library = (name, atLeast, purposes, apt, dnf, brew) => ({ name, atLeast, purposes, apt, dnf, brew });
// FFmpeg 5.1's versions, as CMakeLists.txt asks for them.
const libav = (name, atLeast) => library(name, atLeast, ["build"], `${name}-dev`, "ffmpeg-free-devel", "ffmpeg");

/** @type {Requirement[]} */
export const requirements = [
  command("g++", ["build"], "g++", "gcc-c++", "gcc", ["g++", "c++", "clang++"]),
  command("cmake", ["build"], "cmake", "cmake", "cmake"),
  command("ninja", ["build"], "ninja-build", "ninja-build", "ninja"),
  command("ccache", ["build"], "ccache", "ccache", "ccache"),
  command("pkg-config", ["build"], "pkg-config", "pkgconf-pkg-config", "pkgconf"),
  libav("libavformat", "59.27"),
  libav("libavcodec", "59.37"),
  libav("libavfilter", "8.44"),
  libav("libavutil", "57.28"),
  libav("libswresample", "4.7"),
  libav("libswscale", "6.7"),
  library("nlohmann_json", "3.10", ["build"], "nlohmann-json3-dev", "json-devel", "nlohmann-json"),
  library("gtest", "1.11", ["test"], "libgtest-dev", "gtest-devel", "googletest"),
  library("gmock", "1.11", ["test"], "libgmock-dev", "gmock-devel", "googletest"),
  library("benchmark", "1.6", ["bench"], "libbenchmark-dev", "google-benchmark-devel", "google-benchmark"),
  command("ffmpeg", ["test", "demo", "bench"], "ffmpeg", "ffmpeg-free", "ffmpeg"),
  command("ffprobe", ["test", "demo", "bench"], "ffmpeg", "ffmpeg-free", "ffmpeg"),
  // Tests see by it which files are opened; elsewhere they skip.
  ...(process.platform === "linux" ? [command("strace", ["test"], "strace", "strace", "strace")] : []),
  command("clang++", ["fuzz"], "clang", "clang", "llvm"),
  command("clang-format", ["format"], "clang-format", "clang-tools-extra", "clang-format"),
  command("chromium", ["browser"], "chromium", "chromium", "chromium", ["chromium", "chromium-browser"]),
  command("debootstrap", ["containers"], "debootstrap", "debootstrap", "debootstrap"),
];

/** Every purpose there is. */
export const purposes = [...new Set(requirements.flatMap((r) => r.purposes))];

/** Where a program lies, if it is there. @param {string} name @param {string} [searched] As PATH. */
export function onPath(name, searched = process.env.PATH ?? "") {
  const places = searched.split(path.delimiter).map((folder) => path.join(folder || ".", name));
  return places.find((place) => {
    try {
      accessSync(place, constants.X_OK);
      return true;
    } catch {
      return false;
    }
  });
}

/** Where a required command lies, if it is there. @param {string} name Of the requirement. */
export const commandPath = (name) =>
  requirements
    .find((r) => r.name === name)
    .commands.map((one) => onPath(one))
    .find(Boolean);

const condition = ({ name, atLeast }) => `${name} >= ${atLeast}`;
const pkgConfig = (conditions) => spawnSync("pkg-config", ["--exists", ...conditions]).status === 0;

/** @param {Requirement[]} libraries */
function missingLibraries(libraries) {
  // One question for all of them is the usual case; only a "no" is asked again one by one.
  if (libraries.length === 0 || pkgConfig(libraries.map(condition))) return [];
  return libraries.filter((one) => !pkgConfig([condition(one)]));
}

/**
 * What the purposes need and this system does not have.
 * @param {Purpose[]} wanted
 * @returns {Requirement[]}
 */
export function missingRequirements(wanted) {
  const asked = requirements.filter((r) => r.purposes.some((p) => wanted.includes(p)));
  const commands = asked.filter((r) => r.commands && !r.commands.some((one) => onPath(one)));
  return [...commands, ...missingLibraries(asked.filter((r) => !r.commands))];
}

/** What /etc/os-release says this system is, and is like: "debian", "ubuntu", "fedora". */
function systemFamilies() {
  if (!existsSync("/etc/os-release")) return [];
  const release = readFileSync("/etc/os-release", "utf8");
  return [...release.matchAll(/^(?:ID|ID_LIKE)="?([^"\n]*)"?$/gm)].flatMap(([, names]) => names.split(" "));
}

/** @returns {"apt" | "dnf" | "brew" | null} The package manager whose names fit this system. */
export function packageManager() {
  if (process.platform === "darwin") return "brew";
  const families = systemFamilies();
  if (families.some((name) => name === "debian" || name === "ubuntu") && onPath("apt-get")) return "apt";
  return families.some((name) => name === "fedora" || name === "rhel") ? "dnf" : null;
}

/** @param {Requirement[]} missing @param {"apt" | "dnf" | "brew"} manager */
export const packagesFor = (missing, manager) => [...new Set(missing.map((r) => r[manager]))];

/** A requirement in words: "libavformat 59.27 or newer". @param {Requirement} requirement */
export const described = ({ name, atLeast }) => (atLeast ? `${name} ${atLeast} or newer` : name);
