#include <chrono>

#include "environment.h"
#include "job.h"
#include "json/job_request.h"
#include "json/media_json.h"
#include "media/capabilities.h"
#include "media/opened_files.h"
#include "napi.h"
#include "pipelines/cpu_budget.h"
#include "pipelines/parent_process.h"

namespace opencut {
namespace {

Napi::Value StartJob(const Napi::CallbackInfo& info) {
  const Napi::Env env = info.Env();
  const std::optional<JobKind> kind =
      info[0].IsString() ? JobKindOf(info[0].As<Napi::String>().Utf8Value()) : std::nullopt;
  if (!kind || !info[1].IsString()) {
    throw Napi::TypeError::New(env, "start(kind, requestJson, onProgress?, onLog?, onPlan?)");
  }
  return Job::Start(env, *kind, info[1].As<Napi::String>().Utf8Value(), info[2], info[3], info[4]);
}

Napi::Value DescribeCapabilities(const Napi::CallbackInfo& info) {
  return Napi::String::New(info.Env(), ToJson(GetCapabilities()));
}

void CancelAll(const Napi::CallbackInfo& info) {
  if (!info[0].IsNumber()) throw Napi::TypeError::New(info.Env(), "cancelAll(timeoutMs)");
  Environment::Of(info.Env())
      .CancelAll(std::chrono::milliseconds(info[0].As<Napi::Number>().Int64Value()));
}

Napi::Value ActiveJobs(const Napi::CallbackInfo& info) {
  return Napi::Number::New(info.Env(),
                           static_cast<double>(Environment::Of(info.Env()).job_count()));
}

void EndWithTheParent(const Napi::CallbackInfo& info) {
  if (!info[0].IsNumber()) throw Napi::TypeError::New(info.Env(), "endWithParent(parentPid)");
  EndWithParent(info[0].As<Napi::Number>().Int32Value());
}

void ShareCores(const Napi::CallbackInfo& info) {
  if (!info[0].IsNumber()) throw Napi::TypeError::New(info.Env(), "shareCoresWith(jobsElsewhere)");
  ShareCoresWith(info[0].As<Napi::Number>().Int32Value());
}

void RecordOpened(const Napi::CallbackInfo& info) {
  if (!info[0].IsNumber()) throw Napi::TypeError::New(info.Env(), "recordOpenedFiles(fd)");
  RecordOpenedFiles(info[0].As<Napi::Number>().Int32Value());
}

Napi::Object Init(Napi::Env env, Napi::Object exports) {
  exports.Set("start", Napi::Function::New(env, StartJob, "start"));
  exports.Set("capabilities", Napi::Function::New(env, DescribeCapabilities, "capabilities"));
  exports.Set("cancelAll", Napi::Function::New(env, CancelAll, "cancelAll"));
  exports.Set("activeJobs", Napi::Function::New(env, ActiveJobs, "activeJobs"));
  exports.Set("endWithParent", Napi::Function::New(env, EndWithTheParent, "endWithParent"));
  exports.Set("shareCoresWith", Napi::Function::New(env, ShareCores, "shareCoresWith"));
  exports.Set("recordOpenedFiles", Napi::Function::New(env, RecordOpened, "recordOpenedFiles"));
  return exports;
}

}  // namespace
}  // namespace opencut

// The module's entry point must have this name and be outside the namespace.
static Napi::Object InitAddon(Napi::Env env, Napi::Object exports) {
  return opencut::Init(env, exports);
}

NODE_API_MODULE(opencut_libav, InitAddon)
