// A sanitizer's runtime, loaded into this process in front of all else, is for programs that load the addon and not
// for the tools that tests run.
export const preloaded = process.env.LD_PRELOAD;
delete process.env.LD_PRELOAD;
