#include "environment.h"

#include "job.h"

namespace opencut {

Environment& Environment::Of(Napi::Env env) {
  auto* environment = env.GetInstanceData<Environment>();
  if (environment == nullptr) {
    environment = new Environment();
    env.SetInstanceData(environment);  // Owned by the environment from here on.
  }
  return *environment;
}

void Environment::CancelAll(std::chrono::milliseconds timeout) {
  const auto deadline = std::chrono::steady_clock::now() + timeout;
  for (Job* job : jobs_) job->Cancel();
  for (Job* job : jobs_) job->EndBy(deadline);
}

}  // namespace opencut
