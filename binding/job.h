// One native job: a thread of its own, a promise, and callbacks on the thread that started it.
#pragma once

#include <chrono>
#include <condition_variable>
#include <memory>
#include <mutex>
#include <optional>
#include <string>
#include <thread>

#include "base/cancellation.h"
#include "json/job_request.h"
#include "media/log.h"
#include "napi.h"
#include "pipelines/export_pipeline.h"
#include "pipelines/export_report.h"
#include "pipelines/output_place.h"
#include "plan_gate.h"

namespace opencut {

// JavaScript values are touched on the environment's thread only; the job's thread holds C++ values
// and wakes that thread through a thread-safe function, which also owns the Job: it is destroyed
// when that function is, after the job has settled or the environment has gone.
class Job : private ProgressSink, private PlanReview {
 public:
  // Starts the thread. Returns `{ done, cancel, proceed }` for JavaScript: where there is
  // `on_plan`, an export that has called it waits for `proceed(output?)`.
  static Napi::Value Start(Napi::Env env, JobKind kind, std::string request,
                           const Napi::Value& on_progress, const Napi::Value& on_log,
                           const Napi::Value& on_plan);

  void Cancel() { source_.Cancel(); }
  // Waits until the job has ended. When it has not by then, removes the file it writes to.
  void EndBy(std::chrono::steady_clock::time_point deadline);

 private:
  Job(Napi::Env env, JobKind kind, std::string request);
  Job(const Job&) = delete;
  ~Job() override;

  // On the job's thread.
  void Run() noexcept;
  void Report(const ExportProgress& progress) override;
  std::optional<std::string> Await(const PlanReport& plan, const ExportOptions& options) override;
  void Wake();
  // On a thread of its own: wakes the environment's thread at intervals until the job has ended.
  void Pulse();

  // On the environment's thread.
  Napi::Object MakePromise();
  void StartThread();
  static void OnWake(napi_env env, napi_value callback, void* context, void* data);
  static void OnFinalize(napi_env env, void* data, void* context);
  static void OnEnvironmentGone(void* job);
  void DeliverProgress(Napi::Env env, bool last);
  void DeliverLog(Napi::Env env);
  void DeliverPlan(Napi::Env env);
  void Settle(Napi::Env env);

  const Napi::Env env_;
  const JobKind kind_;
  const std::string request_;
  Napi::FunctionReference resolve_;
  Napi::FunctionReference reject_;
  Napi::FunctionReference on_progress_;
  Napi::FunctionReference on_log_;
  Napi::FunctionReference on_plan_;
  napi_threadsafe_function wake_ = nullptr;
  CancellationSource source_;
  std::shared_ptr<PlanGate> gate_;  // Null: nobody wants to see the plan.
  LogSink log_;
  UnfinishedOutput unfinished_;
  std::thread thread_;
  bool settled_ = false;

  std::mutex mutex_;  // Guards what follows.
  std::condition_variable changed_;
  std::optional<ExportProgress> latest_;  // Not delivered yet.
  std::optional<std::string> plan_;       // Likewise.
  bool finished_ = false;
  std::optional<std::string> result_;
  std::string failure_message_;
  std::string failure_details_;
};

}  // namespace opencut
