using System.Runtime.CompilerServices;
using System.Runtime.InteropServices;
using Microsoft.Extensions.Logging.Abstractions;

namespace AiFactory.Inference.Native;

/// <summary>llama.cpp in this process: loaded once, never unloaded.</summary>
internal sealed partial class LlamaRuntime
{
    internal const string Release = "v0.5.0";

    // Tried once: what failed halfway cannot be begun again.
    private static readonly Lazy<LlamaRuntime> Loaded = new(LoadOnce);
    private static bool _isTold;

    private LlamaRuntime(string hardware, string build, IReadOnlyList<string> reasons, int maxSequences)
    {
        Hardware = hardware;
        Build = build;
        Reasons = reasons;
        MaxSequences = maxSequences;
    }

    /// <summary>What computes, for example <c>cpu: sapphirerapids</c>.</summary>
    public string Hardware { get; }

    /// <summary>Which of llama.cpp's builds was loaded: see <see cref="NativeBuild"/>.</summary>
    public string Build { get; }

    /// <summary>Why it is none that would have been better; empty when there was none, or it is the best.</summary>
    public IReadOnlyList<string> Reasons { get; }

    /// <summary>Sequences that one context can hold.</summary>
    public int MaxSequences { get; }

    /// <summary>Loads llama.cpp beside what else is to be done. What is wrong with it <see cref="Load"/> says.</summary>
    public static void Begin() => Task.Run(() => Loaded.Value).ContinueWith(failed => failed.Exception, CancellationToken.None, TaskContinuationOptions.OnlyOnFaulted, TaskScheduler.Default);

    /// <summary>Loads llama.cpp, or answers the one that is loaded. The logger of the last caller gets its messages, that of the first what computes.</summary>
    public static LlamaRuntime Load(ILogger logger)
    {
        var runtime = Loaded.Value;
        LlamaLog.Attach(logger);
        if (!Interlocked.Exchange(ref _isTold, true))
        {
            LogHardware(logger, Release, runtime.Hardware, runtime.Build, runtime.Reasons.Count == 0 ? "nothing better is here" : string.Join("; ", runtime.Reasons));
        }

        return runtime;
    }

    /// <summary>
    /// 1. Load the libraries in the order in which they need each other. 2. Send the log to ours. 3. Let ggml choose the library for this processor.
    /// 4. Check that the structs have the layout that we were written for: a wrong one would be a crash much later.
    /// </summary>
    private static LlamaRuntime LoadOnce()
    {
        NativeHeap.ShareArenas();
        var native = Path.Combine(AppContext.BaseDirectory, "runtimes", RuntimeInformation.RuntimeIdentifier, "native");
        var (build, reasons) = NativeBuild.Choose(native, NativeBuild.IsLoadable);
        if (build is null)
        {
            throw new LlamaException(
                $"llama.cpp's libraries for {RuntimeInformation.RuntimeIdentifier} are not in {native}{string.Concat(reasons.Select(reason => $"; {reason}"))}. They come with the build on linux-x64 and linux-arm64.");
        }

        var directory = Path.Combine(native, $"llama-{build.Name}");

        var ggmlBase = NativeLibrary.Load(Path.Combine(directory, "libggml-base.so"));
        var ggml = NativeLibrary.Load(Path.Combine(directory, $"libggml{build.Suffix}.{Release}.so"));
        var llama = NativeLibrary.Load(Path.Combine(directory, $"libllama{build.Suffix}.{Release}.so"));
        NativeLibrary.SetDllImportResolver(typeof(LlamaNative).Assembly, (name, _, _) => name switch
        {
            LlamaNative.Llama => llama,
            LlamaNative.Ggml => ggml,
            LlamaNative.GgmlBase => ggmlBase,
            _ => nint.Zero,
        });

        LlamaLog.Attach(NullLogger.Instance);
        LlamaLog.BeginCapture();
        LlamaNative.ggml_backend_load_all_from_path(directory);
        LlamaNative.llama_backend_init();
        var lines = LlamaLog.EndCapture();
        ProbeLayouts();
        LlamaAbort.Attach();
        var gpus = LlamaDevice.List().Where(device => device.IsGpu).ToList();
        if (build.Needs.Count > 0 && gpus.Count == 0)
        {
            reasons = [.. reasons, $"{build.Name}: no device of its kind was found"];
        }

        var hardware = gpus.Count > 0 ? $"{build.Name}: {string.Join(" + ", gpus.Select(gpu => gpu.Description))}" : DescribeHardware(lines);
        return new LlamaRuntime(hardware, build.Name, reasons, (int)LlamaNative.llama_max_parallel_sequences());
    }

    internal static unsafe void ProbeLayouts()
    {
        var model = LlamaNative.llama_model_default_params();
        var context = LlamaNative.llama_context_default_params();
        GgmlThreadpoolParams threads;
        LlamaNative.ggml_threadpool_params_init(&threads, 3);
        var fits =
            (Unsafe.SizeOf<LlamaModelParams>(), Unsafe.SizeOf<LlamaContextParams>(), Unsafe.SizeOf<LlamaBatch>(), Unsafe.SizeOf<LlamaSamplerChainParams>(), Unsafe.SizeOf<GgmlThreadpoolParams>()) == (80, 160, 56, 1, 528)
            && threads is { Threads: 3, Priority: 0, Poll: 50, StrictCores: 0, Paused: 0 }
            && model is { GpuLayers: -1, VocabularyOnly: 0, Devices: 0 }
            && context is { Context: 512, Batch: 2048, PhysicalBatch: 512, MaxSequences: 1, FlashAttentionType: -1, PoolingType: -1, AbortCallback: 0, OtherContext: 0 };
        if (!fits)
        {
            throw new LlamaException($"The llama.cpp library beside the worker is not release {Release}: its parameters have another layout.");
        }
    }

    /// <summary>From a line like <c>load_backend: loaded CPU backend from .../libggml-cpu-sapphirerapids.so</c>.</summary>
    private static string DescribeHardware(IEnumerable<string> lines)
    {
        const string Prefix = "libggml-cpu-";
        foreach (var line in lines)
        {
            var start = line.LastIndexOf(Prefix, StringComparison.Ordinal);
            if (start >= 0)
            {
                return $"cpu: {Path.GetFileNameWithoutExtension(line[(start + Prefix.Length)..])}";
            }
        }

        var devices = LlamaNative.ggml_backend_dev_count();
        return devices == 0
            ? throw new LlamaException("No library of llama.cpp fits this processor.")
            : $"cpu: {Marshal.PtrToStringUTF8(LlamaNative.ggml_backend_dev_description(LlamaNative.ggml_backend_dev_get(0)))}";
    }

    [LoggerMessage(3004, LogLevel.Information, "llama.cpp {Release} computes on {Hardware} (its {Build} build; {Reasons})")]
    private static partial void LogHardware(ILogger logger, string release, string hardware, string build, string reasons);
}
