using System.ComponentModel.DataAnnotations;

namespace AiFactory.Inference.Engine;

/// <summary>The settings under <c>Engine</c>.</summary>
internal sealed class EngineOptions
{
    public const string Section = "Engine";

    /// <summary>Sequences that one model decodes at once, unless its deployment says.</summary>
    [Range(1, 256, ErrorMessage = "Engine:Slots must lie between 1 and 256.")]
    public int Slots { get; set; } = 4;

    /// <summary>Tokens of context for one request, unless its deployment says; a model trained with less has less. It bounds the cache of a model trained with much more.</summary>
    [Range(16, 1 << 20, ErrorMessage = "Engine:ContextLength must lie between 16 and 1048576 tokens.")]
    public int ContextLength { get; set; } = 8192;

    /// <summary>Tokens that one step computes: those of running answers, the rest prompts.</summary>
    [Range(32, 8192, ErrorMessage = "Engine:BatchSize must lie between 32 and 8192 tokens.")]
    public int BatchSize { get; set; } = 512;

    /// <summary>Requests that wait for a slot of one model; the next is refused with 429.</summary>
    [Range(0, 100_000, ErrorMessage = "Engine:QueueLimit must lie between 0 and 100000.")]
    public int QueueLimit { get; set; } = 256;

    /// <summary>Whether a prompt starts only behind what its own project's requests computed. Otherwise another project's users could find out by the usage, and by the time of a first token, which texts were asked before.</summary>
    public bool IsolatePrefixes { get; set; } = true;

    /// <summary>Threads that compute; 0 takes what the process may use (the cgroup's limit).</summary>
    [Range(0, 1024, ErrorMessage = "Engine:Threads must lie between 0 and 1024.")]
    public int Threads { get; set; }

    /// <summary>How long a computing thread spins for the next step before it sleeps: 0 not at all, 1 some milliseconds, which spans the time between two steps of a busy model, 100 half a second.</summary>
    [Range(0, 100, ErrorMessage = "Engine:Poll must lie between 0 and 100.")]
    public int Poll { get; set; } = 1;

    /// <summary>How long a request may wait for its first step, unless it says less by <c>x-slo-ttft-ms</c>; then it is answered 503.</summary>
    [Range(typeof(TimeSpan), "00:00:01", "1.00:00:00", ErrorMessage = "Engine:LongestWait must lie between one second and one day.")]
    public TimeSpan LongestWait { get; set; } = TimeSpan.FromMinutes(5);

    /// <summary>Requests of one priority wait for those of another no longer than this for each number between them, then one of them has a turn: nobody waits for ever.</summary>
    [Range(typeof(TimeSpan), "00:00:00.1", "01:00:00", ErrorMessage = "Engine:AgingInterval must lie between 0.1 seconds and one hour.")]
    public TimeSpan AgingInterval { get; set; } = TimeSpan.FromSeconds(5);

    /// <summary>The priorities that the names in <c>x-gateway-inference-objective</c> stand for; a name that is not here is 0. The three are those of the Gateway API's inference extension.</summary>
    public Dictionary<string, int> Objectives { get; } = new(StringComparer.OrdinalIgnoreCase) { ["critical"] = -10, ["standard"] = 0, ["sheddable"] = 10 };

    /// <summary>
    /// Bytes of each model for what was computed and no slot holds any more: beginnings of prompts, and requests that had to leave their slot for a more urgent one. Never more than the model's cache takes; 0 stores
    /// nothing, and computes anew.
    /// </summary>
    [Range(0, long.MaxValue, ErrorMessage = "Engine:PrefixStoreBytes must be 0 or more, in bytes.")]
    public long PrefixStoreBytes { get; set; } = 64L << 20;

    /// <summary>Tokens of prompts that a step computes at most while an answer is written; 0 chooses by what steps take.</summary>
    [Range(0, 8192, ErrorMessage = "Engine:PrefillTokens must lie between 0 and 8192 tokens.")]
    public int PrefillTokens { get; set; }

    /// <summary>The time between two tokens of an answer that other requests' prompts should not stretch, where <see cref="PrefillTokens"/> is 0.</summary>
    [Range(typeof(TimeSpan), "00:00:00.001", "00:01:00", ErrorMessage = "Engine:TargetInterTokenLatency must lie between 1 ms and one minute.")]
    public TimeSpan TargetInterTokenLatency { get; set; } = TimeSpan.FromSeconds(1);

    /// <summary>LoRA adapters that one model may have in memory at once; 0 takes none.</summary>
    [Range(0, 1024, ErrorMessage = "Engine:Adapters must lie between 0 and 1024.")]
    public int Adapters { get; set; } = 8;

    /// <summary>
    /// Steps that one adapter's answers get before those of the next, where several are asked for at once: a step computes one adapter only, and a change of it has llama.cpp lay out its buffers again. More is more
    /// tokens in all, and longer gaps within each answer.
    /// </summary>
    [Range(1, 256, ErrorMessage = "Engine:AdapterSteps must lie between 1 and 256.")]
    public int AdapterSteps { get; set; } = 4;

    /// <summary>Layers of each model that go to GPUs, where the build has some (<c>-p:LlamaGpu=cuda</c>); not set, as many as their free memory takes.</summary>
    [Range(0, 100_000, ErrorMessage = "Engine:GpuLayers must lie between 0 and 100000.")]
    public int? GpuLayers { get; set; }

    /// <summary>Bytes that weights and caches of all models may take together; 0 takes what the machine, or the cgroup, allows.</summary>
    [Range(0, long.MaxValue, ErrorMessage = "Engine:MemoryLimit must be 0 or more, in bytes.")]
    public long MemoryLimit { get; set; }

    /// <summary>How long one step of an engine may take before the worker says that it is not ready, or, where it has a process of its own, ends that and starts another. The longest step of a large model on a slow machine is far below.</summary>
    [Range(typeof(TimeSpan), "00:00:01", "01:00:00", ErrorMessage = "Engine:LongestStep must lie between one second and one hour.")]
    public TimeSpan LongestStep { get; set; } = TimeSpan.FromSeconds(60);

    /// <summary>Whether each model has a process of its own. Not set, it has where the library says what is served, and has none where the settings name one model.</summary>
    public IsolationMode? Isolation { get; set; }

    /// <summary>How long answers in progress may go on when the worker stops or a model is unloaded.</summary>
    [Range(typeof(TimeSpan), "00:00:00", "01:00:00", ErrorMessage = "Engine:DrainTimeout must lie between 0 and one hour.")]
    public TimeSpan DrainTimeout { get; set; } = TimeSpan.FromSeconds(5);

    /// <summary>.NET's processor count is the cgroup's CPU limit, rounded up.</summary>
    public int EffectiveThreads => Threads > 0 ? Threads : Environment.ProcessorCount;
}
