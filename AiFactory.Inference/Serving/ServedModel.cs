using AiFactory.Contracts;
using AiFactory.Contracts.Workers;
using AiFactory.Inference.Chat;
using AiFactory.Inference.Engine;
using AiFactory.Inference.Hardware;
using AiFactory.Inference.Native;
using AiFactory.Inference.Rerank;
using AiFactory.Inference.Telemetry;
using AiFactory.Inference.Weights;
using AiFactory.Inference.Weights.Gguf;

namespace AiFactory.Inference.Serving;

/// <summary>A deployment's model in memory, with its engine. One of <see cref="Generator"/> and <see cref="Embedder"/> is there, by the task.</summary>
internal sealed class ServedModel : DeployedModel, IAsyncDisposable
{
    private readonly IDisposable _memory;
    private readonly IDisposable _watch;

    private ServedModel(
        ModelAssignment assignment, WeightsLease lease, MemoryBudget budget, IDisposable memory, LlamaMemory need, LlamaModel model, EngineShape shape, InferenceTelemetry telemetry, TimeProvider time, ILogger logger)
        : base(assignment, lease, time)
    {
        _memory = memory;
        Memory = need;
        Model = model;
        if (IsPooled(assignment))
        {
            Embedder = new EmbeddingEngine(model, shape, time, logger);
            RerankPrompt = Embedder.Ranks ? new RerankPrompt(model) : null;
            _watch = telemetry.Watch(assignment.Deployment, () => Embedder.Load);
        }
        else
        {
            // The engine last: it has a thread, which nobody would end if what follows threw.
            ChatPrompt = ChatPrompt.For(model, time, logger);
            Generator = new GenerationEngine(model, shape, new ModelMetrics(telemetry, assignment.Deployment), time, logger);
            Adapters = new ServedAdapters(Generator, lease.Paths, budget, shape.BatchSize);
            _watch = telemetry.Watch(assignment.Deployment, () => Generator.Load, () => Generator.Adapters);
        }
    }

    public LlamaModel Model { get; }

    public GenerationEngine? Generator { get; }

    public ChatPrompt? ChatPrompt { get; }

    public EmbeddingEngine? Embedder { get; }

    public override ServedAdapters? Adapters { get; }

    /// <summary>Only a ranker has it.</summary>
    public RerankPrompt? RerankPrompt { get; }

    public override int ContextLength => Generator?.ContextLength ?? Embedder?.ContextLength ?? 0;

    /// <summary>What it was reckoned to take before it was loaded.</summary>
    public LlamaMemory Memory { get; }

    public override long MemoryBytes => Memory.Total;

    /// <summary>Tells builds and models apart, as OpenAI's field of the name does: the beginning of the weights' digest.</summary>
    public string SystemFingerprint => $"fp_{Assignment.Digest[(Assignment.Digest.IndexOf(':') + 1)..][..12]}{(Assignment.Quantization is { } quantization ? $"_{quantization}" : "")}";

    public override TimeSpan CurrentStep => Generator?.CurrentStep ?? Embedder?.CurrentStep ?? TimeSpan.Zero;

    public override EngineLoad CurrentLoad => Generator?.Load ?? Embedder?.Load ?? default;

    public override Task Ended => Generator?.Ended ?? Embedder?.Ended ?? Task.CompletedTask;

    /// <summary>Reads the weights and makes the engine: seconds for a large model, so not on a request's thread.</summary>
    /// <param name="lease">The file; taken over unless this throws.</param>
    /// <exception cref="LlamaException">llama.cpp refused the file or the size.</exception>
    public static ServedModel Load(
        ModelAssignment assignment, WeightsLease lease, MemoryBudget budget, EngineOptions options, InferenceTelemetry telemetry, TimeProvider time, ILogger logger)
    {
        // The size alone of what is loaded (the order's is that of what it was packed from) is enough to refuse what can never fit.
        budget.Reserve(lease.SizeBytes, () => $"{lease.SizeBytes} bytes of weights").Dispose();
        var header = GgufHeader.Read(lease.Path);
        var trained = (int)Math.Min(int.MaxValue, header.Integer($"{header.Architecture}.context_length") ?? 0) is > 0 and var stated ? stated : options.ContextLength;
        var shape = new EngineShape(
            Math.Min(assignment.ContextLength ?? Math.Min(trained, options.ContextLength), trained),
            assignment.Slots ?? options.Slots,
            options.BatchSize,
            ThreadsFor(lease.SizeBytes, options),
            options.Poll,
            options.QueueLimit)
        {
            LongestWait = options.LongestWait,
            AgingInterval = options.AgingInterval,
            Adapters = options.Adapters,
            AdapterSteps = options.AdapterSteps,
            PrefillTokens = options.PrefillTokens,
            TargetInterTokenLatency = options.TargetInterTokenLatency,
        };
        var need = MemoryEstimate.Of(IsPooled(assignment), lease.Paths, shape, budget);
        var (placement, placed) = ModelPlacement.Of(lease.Paths, need, LlamaDevice.List(), options.GpuLayers);
        var store = IsPooled(assignment) ? 0 : Math.Min(options.PrefixStoreBytes, need.Cache);
        shape = shape with { StoreBytes = store };
        // What goes from slot to slot lies in memory for a moment: one slot's state, with some bytes for each cell.
        var copies = IsPooled(assignment) || shape.Slots == 1 ? 0 : (need.Cache / shape.Slots) + (32L * shape.ContextLength);
        var memory = budget.Reserve(Math.Max(0, need.Total - placed) + store + copies, () => $"{MemoryEstimate.Describe(need, shape)}, with {store} of stored prefixes and {copies} for copies between slots");
        LlamaModel? model = null;
        try
        {
            model = LlamaModel.Open(lease.Paths, placement: placement, isChecked: true); // By the estimate.
            if (!IsPooled(assignment) && !model.HasDecoder)
            {
                throw new LlamaException("The model has no decoder: it cannot chat.");
            }

            return new ServedModel(assignment, lease, budget, memory, need, model, shape, telemetry, time, logger);
        }
        catch
        {
            model?.Dispose();
            memory.Dispose();
            throw;
        }
    }

    /// <summary>Whether a text as a whole becomes numbers, and no text comes out.</summary>
    private static bool IsPooled(ModelAssignment assignment) => assignment.Task is ModelTasks.Embedding or ModelTasks.Rerank;

    /// <summary>
    /// llama.cpp's threads meet after each operation, spinning: in a model this small they wait longer than they compute, and take the processor from others.
    /// </summary>
    private static int ThreadsFor(long weightsBytes, EngineOptions options)
    {
        const long BytesWorthOneThread = 16L << 20;
        return options.Threads > 0 ? options.Threads : (int)Math.Clamp(weightsBytes / BytesWorthOneThread, 1, options.EffectiveThreads);
    }

    /// <summary>
    /// 1. Nobody finds it any more. 2. Requests that had found it get to the engine. 3. What runs ends, or is ended when the grace is over. 4. The memory is freed, when nobody holds it.
    /// </summary>
    public override async Task UnloadAsync(TimeSpan grace)
    {
        var left = await RetireAsync(grace);
        await (Generator?.StopAsync(left) ?? Task.CompletedTask).ConfigureAwait(ConfigureAwaitOptions.SuppressThrowing);
        await (Embedder?.StopAsync(left) ?? Task.CompletedTask).ConfigureAwait(ConfigureAwaitOptions.SuppressThrowing);
        await Unused;
        await DisposeAsync();
    }

    public async ValueTask DisposeAsync()
    {
        try
        {
            _watch.Dispose();
            await (Generator?.DisposeAsync() ?? ValueTask.CompletedTask);
            await (Embedder?.DisposeAsync() ?? ValueTask.CompletedTask);
        }
        finally
        {
            Model.Dispose();
            Adapters?.Dispose();
            _memory.Dispose();
            LetFilesGo();
        }
    }
}
