#include "job.h"

#include <system_error>
#include <utility>

#include "base/error.h"
#include "environment.h"
#include "json/export_json.h"
#include "json/job_json.h"
#include "pipelines/cpu_budget.h"

namespace opencut {
namespace {

constexpr auto kPulseInterval = std::chrono::milliseconds(100);
constexpr std::size_t kLogLines = 1000;

}  // namespace

Job::Job(Napi::Env env, JobKind kind, std::string request)
    : env_(env), kind_(kind), request_(std::move(request)), log_(LogLevel::kInfo, kLogLines) {}

Job::~Job() {
  if (thread_.joinable()) thread_.join();
}

Napi::Value Job::Start(Napi::Env env, JobKind kind, std::string request,
                       const Napi::Value& on_progress, const Napi::Value& on_log,
                       const Napi::Value& on_plan) {
  auto* job = new Job(env, kind, std::move(request));
  Napi::Object handle = Napi::Object::New(env);
  handle.Set("done", job->MakePromise());
  if (on_progress.IsFunction()) {
    job->on_progress_ = Napi::Persistent(on_progress.As<Napi::Function>());
  }
  if (on_log.IsFunction()) job->on_log_ = Napi::Persistent(on_log.As<Napi::Function>());
  if (on_plan.IsFunction()) {
    job->on_plan_ = Napi::Persistent(on_plan.As<Napi::Function>());
    job->gate_ = std::make_shared<PlanGate>();
  }
  const napi_status status = napi_create_threadsafe_function(
      env, nullptr, nullptr, Napi::String::New(env, "@opencut/libav job"), 0, 1, nullptr,
      &Job::OnFinalize, job, &Job::OnWake, &job->wake_);
  if (status != napi_ok) {
    delete job;
    throw Napi::Error::New(env, "cannot start a job while the environment is being torn down");
  }
  // Registered after the thread-safe function, so that it runs before Node destroys that.
  napi_add_env_cleanup_hook(env, &Job::OnEnvironmentGone, job);
  Environment::Of(env).Add(job);

  job->StartThread();
  // They hold the source and the gate, not the job, which may be gone when they are called.
  handle.Set("cancel",
             Napi::Function::New(env, [source = job->source_](const Napi::CallbackInfo&) mutable {
               source.Cancel();
             }));
  handle.Set("proceed",
             Napi::Function::New(env, [gate = job->gate_](const Napi::CallbackInfo& info) {
               if (!gate) return;
               gate->Open(info[0].IsString() ? std::optional(info[0].As<Napi::String>().Utf8Value())
                                             : std::nullopt);
             }));
  return handle;
}

// N-API's own way to a promise leaks where the environment goes before the job has settled.
Napi::Object Job::MakePromise() {
  const Napi::Function executor = Napi::Function::New(env_, [this](const Napi::CallbackInfo& info) {
    resolve_ = Napi::Persistent(info[0].As<Napi::Function>());
    reject_ = Napi::Persistent(info[1].As<Napi::Function>());
  });
  return env_.Global().Get("Promise").As<Napi::Function>().New({executor});
}

void Job::StartThread() {
  try {
    thread_ = std::thread([this] { Run(); });
  } catch (const std::system_error& error) {
    napi_remove_env_cleanup_hook(env_, &Job::OnEnvironmentGone, this);
    Environment::Of(env_).Remove(this);
    napi_release_threadsafe_function(wake_, napi_tsfn_abort);
    throw Napi::Error::New(env_, std::string("cannot start a thread: ") + error.what());
  }
}

void Job::Run() noexcept {
  JobContext context;
  context.token = source_.token();
  context.progress = this;
  context.log = &log_;
  context.unfinished = &unfinished_;
  if (gate_) context.review = this;
  std::thread pulse;
  std::optional<std::string> result;
  std::string message;
  std::string details;
  try {
    pulse = std::thread([this] { Pulse(); });
    LowerThreadPriority();
    result = RunJob(kind_, request_, context);
  } catch (const Cancelled&) {
    message = "the job was cancelled";
    details = CancelledJson();
  } catch (const Error& error) {
    message = error.what();
    details = ToJson(error);
  } catch (const std::exception& error) {
    message = error.what();
    details = ToJson(Error(ErrorCode::kExec, message));
  }
  {
    std::lock_guard lock(mutex_);
    result_ = std::move(result);
    failure_message_ = std::move(message);
    failure_details_ = std::move(details);
    finished_ = true;
    changed_.notify_all();
  }
  if (pulse.joinable()) pulse.join();
  Wake();
}

void Job::Report(const ExportProgress& progress) {
  std::lock_guard lock(mutex_);
  latest_ = progress;
}

std::optional<std::string> Job::Await(const PlanReport& plan, const ExportOptions& options) {
  {
    std::lock_guard lock(mutex_);
    plan_ = ToJson(plan, options);
  }
  Wake();
  return gate_->Wait(source_.token());
}

void Job::Pulse() {
  std::unique_lock lock(mutex_);
  while (!changed_.wait_for(lock, kPulseInterval, [this] { return finished_; })) Wake();
}

// The queue's only content is that there is something to see; closing is Node's answer while it
// tears the environment down, and needs no answer from us.
void Job::Wake() { napi_call_threadsafe_function(wake_, nullptr, napi_tsfn_nonblocking); }

void Job::EndBy(std::chrono::steady_clock::time_point deadline) {
  std::unique_lock lock(mutex_);
  const bool ended = changed_.wait_until(lock, deadline, [this] { return finished_; });
  if (!ended) unfinished_.Remove();
}

void Job::OnWake(napi_env env, napi_value, void* context, void*) {
  auto* job = static_cast<Job*>(context);
  if (env == nullptr || job->settled_) return;
  const Napi::HandleScope scope(env);
  bool finished = false;
  {
    std::lock_guard lock(job->mutex_);
    finished = job->finished_;
  }
  try {
    job->DeliverLog(env);
    job->DeliverProgress(env, finished);
    job->DeliverPlan(env);
  } catch (const Napi::Error&) {
    // lib/ hands over functions that do not throw: the environment is being torn down under them.
  }
  if (finished) job->Settle(env);
}

void Job::DeliverProgress(Napi::Env env, bool last) {
  std::optional<ExportProgress> progress;
  {
    std::lock_guard lock(mutex_);
    progress = std::exchange(latest_, std::nullopt);
    // A job that failed says so by its rejection.
    if (last && !result_) return;
  }
  if (!progress || on_progress_.IsEmpty()) return;
  on_progress_.Call({Napi::String::New(env, ToJson(*progress))});
}

void Job::DeliverLog(Napi::Env env) {
  if (on_log_.IsEmpty()) return;
  const LogBatch batch = log_.Take();
  std::uint64_t dropped = batch.dropped;
  for (const LogLine& line : batch.lines) {
    on_log_.Call({Napi::String::New(env, ToJson(line, std::exchange(dropped, 0)))});
  }
}

void Job::DeliverPlan(Napi::Env env) {
  std::optional<std::string> plan;
  {
    std::lock_guard lock(mutex_);
    plan = std::exchange(plan_, std::nullopt);
  }
  if (plan) on_plan_.Call({Napi::String::New(env, *plan)});
}

void Job::Settle(Napi::Env env) {
  settled_ = true;
  thread_.join();
  try {
    if (result_) {
      resolve_.Call({Napi::String::New(env, *result_)});
    } else {
      Napi::Object error = Napi::Error::New(env, failure_message_).Value();
      error.Set("details", failure_details_);
      reject_.Call({error});
    }
  } catch (const Napi::Error&) {
    // As above: nobody is left to be told.
  }
  napi_remove_env_cleanup_hook(env, &Job::OnEnvironmentGone, this);
  Environment::Of(env).Remove(this);
  for (Napi::FunctionReference* function :
       {&resolve_, &reject_, &on_progress_, &on_log_, &on_plan_}) {
    function->Reset();
  }
  napi_release_threadsafe_function(wake_, napi_tsfn_release);
}

// A worker thread ends, or the process in the ordinary way.
void Job::OnEnvironmentGone(void* data) {
  auto* job = static_cast<Job*>(data);
  job->settled_ = true;
  job->Cancel();
  job->thread_.join();
  Environment::Of(job->env_).Remove(job);
  napi_release_threadsafe_function(job->wake_, napi_tsfn_abort);
}

void Job::OnFinalize(napi_env, void*, void* context) { delete static_cast<Job*>(context); }

}  // namespace opencut
