using System.Diagnostics;
using System.Diagnostics.Metrics;
using System.Globalization;
using AiFactory.Inference.Engine;
using AiFactory.Inference.Engine.Adapters;
using Microsoft.AspNetCore.Hosting.Server;

namespace AiFactory.Inference.Telemetry;

/// <summary>
/// The worker's spans and instruments. Those named <c>vllm.</c> (<c>vllm:</c> at /metrics) are vLLM's (https://docs.vllm.ai/en/latest/design/metrics.html), so that stock dashboards,
/// KEDA triggers and endpoint pickers work unchanged; <c>gen_ai.</c> are OpenTelemetry's.
/// </summary>
internal sealed class InferenceTelemetry : IDisposable
{
    public const string Name = "AiFactory.Inference";
    public const string Provider = "aifactory";

    private static readonly double[] LatencySeconds = [0.001, 0.005, 0.01, 0.02, 0.04, 0.06, 0.08, 0.1, 0.25, 0.5, 0.75, 1, 2.5, 5, 7.5, 10, 20, 40, 80, 160];
    private static readonly double[] TokenSeconds = [0.0005, 0.001, 0.0025, 0.005, 0.01, 0.025, 0.05, 0.075, 0.1, 0.15, 0.2, 0.3, 0.4, 0.5, 0.75, 1, 2.5];

    private readonly Meter _meter = new(Name);
    private readonly List<(string Model, Func<EngineLoad> Load, Func<AdapterLoad>? Adapters, Func<EngineUsage>? Usage, bool Rests)> _engines = [];

    /// <param name="server">Null where there is none, in tests of engines.</param>
    public InferenceTelemetry(IServer? server = null, TimeProvider? time = null)
    {
        Server = new ServerTags(server);
        PromptTokens = _meter.CreateCounter<long>("vllm.prompt_tokens_total", "{token}", "Prompt tokens processed.");
        GenerationTokens = _meter.CreateCounter<long>("vllm.generation_tokens_total", "{token}", "Tokens generated.");
        PrefixQueries = _meter.CreateCounter<long>("vllm.prefix_cache_queries_total", "{token}", "Prompt tokens that were looked for in the cache.");
        PrefixHits = _meter.CreateCounter<long>("vllm.prefix_cache_hits_total", "{token}", "Prompt tokens that were in the cache.");
        Preemptions = _meter.CreateCounter<long>("vllm.num_preemptions_total", "{request}", "Requests that left their slot for a more urgent one.");
        Requests = _meter.CreateCounter<long>("vllm.request_success_total", "{request}", "Requests ended, by reason.");
        TimeToFirstToken = Histogram("vllm.time_to_first_token_seconds", "From the queue to the first token.", LatencySeconds);
        InterTokenLatency = Histogram("vllm.inter_token_latency_seconds", "Between two tokens of an answer.", TokenSeconds);
        RequestLatency = Histogram("vllm.e2e_request_latency_seconds", "From the queue to the end.", LatencySeconds);
        QueueTime = Histogram("vllm.request_queue_time_seconds", "From the queue to a slot.", LatencySeconds);
        InferenceTime = Histogram("vllm.request_inference_time_seconds", "From a slot to the end: the model's time, without the queue's.", LatencySeconds);
        PrefillTime = Histogram("vllm.request_prefill_time_seconds", "From a slot to the first token.", LatencySeconds);
        DecodeTime = Histogram("vllm.request_decode_time_seconds", "From the first token to the end.", LatencySeconds);
        ServerRequestDuration = Histogram("gen_ai.server.request.duration", "From the queue to the end.", LatencySeconds);
        ServerTimeToFirstToken = Histogram("gen_ai.server.time_to_first_token", "From the queue to the first token.", LatencySeconds);
        ServerTimePerOutputToken = Histogram("gen_ai.server.time_per_output_token", "Mean time of a token after the first.", TokenSeconds);
        EngineRestarts = _meter.CreateCounter<long>("aifactory.inference.engine.restarts", "{restart}", "Processes of one model that ended by themselves, or were ended because they hung, by reason.");
        EngineRecovery = Histogram("aifactory.inference.engine.recovery.duration", "From the end of a model's process to its model being served again.", LatencySeconds);
        EngineProcessorTime = _meter.CreateCounter<double>("aifactory.inference.engine.cpu.time", "s", "Processor time of a model's process.");
        _meter.CreateObservableGauge("aifactory.inference.engine.memory", () => ObserveUsage(usage => usage.ResidentBytes), "By", "What a model's process has in memory, with files that others share.");
        _meter.CreateObservableGauge("aifactory.inference.engine.heap", () => ObserveUsage(usage => usage.HeapBytes), "By", ".NET's objects in a model's process.");
        _meter.CreateObservableGauge("vllm.num_requests_running", () => Observe(load => load.Running), "{request}", "Requests that have a slot.");
        _meter.CreateObservableGauge("vllm.num_requests_waiting", () => Observe(load => load.Waiting), "{request}", "Requests that wait for a slot.");
        _meter.CreateObservableGauge(
            "vllm.kv_cache_usage_perc", () => Observe(load => load.CacheCapacity == 0 ? 0 : (double)load.CacheTokens / load.CacheCapacity), "1", "Share of the cache in use, 0 to 1.");
        _meter.CreateObservableGauge("vllm.lora_requests_info", () => ObserveAdapters(time ?? TimeProvider.System), "s", "When it was asked; its labels name the adapters of requests that have a slot, and of those that wait, and how many a model may have.");
        _meter.CreateObservableGauge("vllm.engine_sleep_state", ObserveSleep, "1", "1 for the state that a model is in: awake, or discard_all when its memory is given back.");
    }

    public ServerTags Server { get; }

    public Meter Meter => _meter;

    public ActivitySource Source { get; } = new(Name);

    public Counter<long> PromptTokens { get; }

    public Counter<long> GenerationTokens { get; }

    public Counter<long> PrefixQueries { get; }

    public Counter<long> PrefixHits { get; }

    public Counter<long> Preemptions { get; }

    public Counter<long> Requests { get; }

    public Histogram<double> TimeToFirstToken { get; }

    public Histogram<double> InterTokenLatency { get; }

    public Histogram<double> RequestLatency { get; }

    public Histogram<double> QueueTime { get; }

    public Histogram<double> InferenceTime { get; }

    public Histogram<double> PrefillTime { get; }

    public Histogram<double> DecodeTime { get; }

    public Histogram<double> ServerRequestDuration { get; }

    public Histogram<double> ServerTimeToFirstToken { get; }

    public Histogram<double> ServerTimePerOutputToken { get; }

    public Counter<long> EngineRestarts { get; }

    public Histogram<double> EngineRecovery { get; }

    public Counter<double> EngineProcessorTime { get; }

    /// <summary>Shows an engine's load until what is answered is disposed.</summary>
    /// <param name="usage">What its process takes, where it has one of its own.</param>
    public IDisposable Watch(string model, Func<EngineLoad> load, Func<AdapterLoad>? adapters = null, Func<EngineUsage>? usage = null) => Watch((model, load, adapters, usage, Rests: false));

    /// <summary>The same for a model that is out of memory, while requests wait for it.</summary>
    public IDisposable WatchResting(string model, Func<EngineLoad> load) => Watch((model, load, Adapters: null, Usage: null, Rests: true));

    private Watched Watch((string Model, Func<EngineLoad> Load, Func<AdapterLoad>? Adapters, Func<EngineUsage>? Usage, bool Rests) entry)
    {
        lock (_engines)
        {
            _engines.Add(entry);
        }

        return new Watched(() =>
        {
            lock (_engines)
            {
                _engines.Remove(entry);
            }
        });
    }

    public void Dispose()
    {
        _meter.Dispose();
        Source.Dispose();
    }

    private Histogram<double> Histogram(string name, string description, double[] boundaries) =>
        _meter.CreateHistogram(name, "s", description, advice: new InstrumentAdvice<double> { HistogramBucketBoundaries = boundaries });

    /// <summary>Of engines that share a name (a version and its successor) the loads are one.</summary>
    private List<Measurement<double>> Observe(Func<EngineLoad, double> value)
    {
        lock (_engines)
        {
            return _engines
                .GroupBy(engine => engine.Model)
                .Select(engines => new Measurement<double>(value(engines.Aggregate(default(EngineLoad), (sum, engine) => sum + engine.Load())), new KeyValuePair<string, object?>("model_name", engines.Key)))
                .ToList();
        }
    }

    private List<Measurement<long>> ObserveUsage(Func<EngineUsage, long> value)
    {
        lock (_engines)
        {
            return
            [
                .. from engines in _engines.GroupBy(engine => engine.Model)
                   let usages = engines.Select(engine => engine.Usage?.Invoke()).OfType<EngineUsage>().ToList()
                   where usages.Count > 0
                   select new Measurement<long>(value(usages.Aggregate((sum, usage) => sum + usage)), new KeyValuePair<string, object?>("model_name", engines.Key)),
            ];
        }
    }

    /// <summary>As vLLM's: the newest value names what is true now.</summary>
    private List<Measurement<double>> ObserveAdapters(TimeProvider time)
    {
        var now = time.GetUtcNow().ToUnixTimeMilliseconds() / 1000.0;
        lock (_engines)
        {
            return
            [
                .. from engines in _engines.GroupBy(engine => engine.Model)
                   let loads = engines.Select(engine => engine.Adapters?.Invoke()).OfType<AdapterLoad>().ToList()
                   select new Measurement<double>(
                       now,
                       new("model_name", engines.Key),
                       new("max_lora", loads.Select(load => load.Most).DefaultIfEmpty().Max().ToString(CultureInfo.InvariantCulture)),
                       new("running_lora_adapters", Names(loads.SelectMany(load => load.Running))),
                       new("waiting_lora_adapters", Names(loads.SelectMany(load => load.Waiting)))),
            ];
        }
    }

    private static string Names(IEnumerable<string> adapters) => string.Join(',', adapters.Distinct(StringComparer.Ordinal).Order(StringComparer.Ordinal));

    private List<Measurement<int>> ObserveSleep()
    {
        lock (_engines)
        {
            return
            [
                .. from engines in _engines.GroupBy(engine => engine.Model)
                   from state in (string[])["awake", "weights_offloaded", "discard_all"]
                   let isOf = state == (engines.All(engine => engine.Rests) ? "discard_all" : "awake")
                   select new Measurement<int>(isOf ? 1 : 0, new("model_name", engines.Key), new("sleep_state", state)),
            ];
        }
    }

    private sealed class Watched(Action remove) : IDisposable
    {
        public void Dispose() => remove();
    }
}
