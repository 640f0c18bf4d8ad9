// Stands in for an ONNX Runtime library of a board. What is wrong with it is chosen when it is compiled: NO_EXPORT, NO_BASE, TOO_OLD, CRASHES, HANGS.
// With none of these it hands everything on to the library REAL, and says that it has TensorRT and CUDA, which it runs on the CPU; WRONG spoils their answers.
// TRT_CRASHES ends whoever asks for TensorRT.
// Where it is told to keep engines it "builds" one when a session is made and notes in LOG whether it built or found it; BUILD_FAILS, BUILD_CRASHES,
// BUILD_HANGS and BUILDS_NOTHING say what goes wrong then.
#include <dlfcn.h>
#include <stdio.h>
#include <string.h>
#include <unistd.h>
#include "onnxruntime_c_api.h"

#if defined(CRASHES)
__attribute__((constructor)) static void crash(void) { *(volatile int*)0 = 1; }
#elif defined(HANGS)
__attribute__((constructor)) static void hang(void) { for (;;) pause(); }
#endif

#if defined(NO_EXPORT)
int nothing_of_onnx_runtime = 1;
#elif defined(NO_BASE)
const OrtApiBase* OrtGetApiBase(void) { return 0; }
#elif defined(TOO_OLD)
static const OrtApi* none(uint32_t version) { (void)version; return 0; }
static const char* old(void) { return "1.16.3"; }
static const OrtApiBase base = { none, old };
const OrtApiBase* OrtGetApiBase(void) { return &base; }
#else

static OrtApi api;
static const OrtApi* real;
static OrtApiBase base;
static int is_on_gpu;

static char engines[4096];
static int is_trt;

static OrtStatus* create_trt(OrtTensorRTProviderOptionsV2** out) { *out = (OrtTensorRTProviderOptionsV2*)&api; engines[0] = 0; return 0; }
static OrtStatus* update_trt(OrtTensorRTProviderOptionsV2* o, const char* const* keys, const char* const* values, size_t count)
{
  (void)o;
  for (size_t i = 0; i < count; i++)
    if (strcmp(keys[i], "trt_engine_cache_path") == 0) snprintf(engines, sizeof engines, "%s", values[i]);
  return 0;
}
static void release_trt(OrtTensorRTProviderOptionsV2* o) { (void)o; }
static OrtStatus* append_trt(OrtSessionOptions* s, const OrtTensorRTProviderOptionsV2* o)
{
  (void)s; (void)o;
#ifdef TRT_CRASHES
  *(volatile int*)0 = 1;
#endif
  is_on_gpu = is_trt = 1;
  return 0;
}
static OrtStatus* create_cuda(OrtCUDAProviderOptionsV2** out) { *out = (OrtCUDAProviderOptionsV2*)&api; return 0; }
static OrtStatus* update_cuda(OrtCUDAProviderOptionsV2* o, const char* const* keys, const char* const* values, size_t count) { (void)o; (void)keys; (void)values; (void)count; return 0; }
static void release_cuda(OrtCUDAProviderOptionsV2* o) { (void)o; }
static OrtStatus* append_cuda(OrtSessionOptions* s, const OrtCUDAProviderOptionsV2* o) { (void)s; (void)o; is_on_gpu = 1; return 0; }

// The nodes do run on the CPU here.
static OrtStatus* add_entry(OrtSessionOptions* s, const char* key, const char* value)
{
  return strcmp(key, "session.disable_cpu_ep_fallback") == 0 ? 0 : real->AddSessionConfigEntry(s, key, value);
}

#ifdef LOG
static void note(const char* what)
{
  FILE* log = fopen(LOG, "a");
  fprintf(log, "%s %s\n", what, engines);
  fclose(log);
}

static OrtStatus* create_session(const OrtEnv* env, const char* path, const OrtSessionOptions* options, OrtSession** out)
{
  char engine[5000];
  int wanted = is_trt;
  is_trt = 0;
  if (wanted && !engines[0]) note("kept nothing");
  if (wanted && engines[0])
  {
    snprintf(engine, sizeof engine, "%s/graph_0_sm87.engine", engines);
    if (access(engine, R_OK) == 0) note("found");
    else
    {
#if defined(BUILD_FAILS)
      return real->CreateStatus(ORT_EP_FAIL, "Engine building failed: no tactic fits");
#elif defined(BUILD_CRASHES)
      *(volatile int*)0 = 1;
#elif defined(BUILD_HANGS)
      for (;;) pause();
#elif !defined(BUILDS_NOTHING)
      FILE* file = fopen(engine, "w");
      if (file) { fprintf(file, "engine of %s", path); fclose(file); }
      note("built");
#endif
    }
  }
  return real->CreateSession(env, path, options, out);
}
#endif

#ifdef WRONG
static OrtStatus* get_data(OrtValue* value, void** out)
{
  OrtStatus* status = real->GetTensorMutableData(value, out);
  if (!status && is_on_gpu) ((float*)*out)[0] = 7;
  return status;
}
#endif

static const OrtApi* get(uint32_t version)
{
  real = ((const OrtApiBase* (*)(void))dlsym(dlopen(REAL, RTLD_NOW), "OrtGetApiBase"))()->GetApi(version);
  if (!real) return 0;
  api = *real;
  api.CreateTensorRTProviderOptions = create_trt;
  api.UpdateTensorRTProviderOptions = update_trt;
  api.ReleaseTensorRTProviderOptions = release_trt;
  api.SessionOptionsAppendExecutionProvider_TensorRT_V2 = append_trt;
  api.CreateCUDAProviderOptions = create_cuda;
  api.UpdateCUDAProviderOptions = update_cuda;
  api.ReleaseCUDAProviderOptions = release_cuda;
  api.SessionOptionsAppendExecutionProvider_CUDA_V2 = append_cuda;
  api.AddSessionConfigEntry = add_entry;
#ifdef LOG
  api.CreateSession = create_session;
#endif
#ifdef WRONG
  api.GetTensorMutableData = get_data;
#endif
  return &api;
}

static const char* version(void) { return "1.31.1-board"; }
const OrtApiBase* OrtGetApiBase(void) { base.GetApi = get; base.GetVersionString = version; return &base; }
#endif
