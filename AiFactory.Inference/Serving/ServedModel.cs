using AiFactory.Contracts;
using AiFactory.Contracts.Workers;
using AiFactory.Inference.Chat;
using AiFactory.Inference.Engine;
using AiFactory.Inference.Native;
using AiFactory.Inference.Rerank;
using AiFactory.Inference.Telemetry;
using AiFactory.Inference.Weights;

namespace AiFactory.Inference.Serving;

/// <summary>A deployment's model in memory, with its engine. One of <see cref="Generator"/> and <see cref="Embedder"/> is there, by the task.</summary>
internal sealed class ServedModel : IAsyncDisposable
{
    private readonly WeightsLease _lease;
    private readonly IDisposable _memory;
    private readonly IDisposable _watch;
    private readonly TimeProvider _time;
    private readonly Lock _lock = new();
    private readonly TaskCompletionSource _unused = new(TaskCreationOptions.RunContinuationsAsynchronously);
    private int _uses;
    private bool _retired;

    private ServedModel(
        ModelAssignment assignment, WeightsLease lease, IDisposable memory, LlamaModel model, EngineShape shape, InferenceTelemetry telemetry, TimeProvider time, ILogger logger)
    {
        _lease = lease;
        _memory = memory;
        _time = time;
        Assignment = assignment;
        Model = model;
        LoadedAt = time.GetUtcNow();
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
            _watch = telemetry.Watch(assignment.Deployment, () => Generator.Load);
        }
    }

    public ModelAssignment Assignment { get; }

    public LlamaModel Model { get; }

    public GenerationEngine? Generator { get; }

    public ChatPrompt? ChatPrompt { get; }

    public EmbeddingEngine? Embedder { get; }

    /// <summary>Only a ranker has it.</summary>
    public RerankPrompt? RerankPrompt { get; }

    public DateTimeOffset LoadedAt { get; }

    /// <summary>Tokens for one request.</summary>
    public int ContextLength => Generator?.ContextLength ?? Embedder?.ContextLength ?? 0;

    public long MemoryBytes => Generator?.MemoryBytes ?? Embedder?.MemoryBytes ?? 0;

    /// <summary>Tells builds and models apart, as OpenAI's field of the name does: the beginning of the weights' digest.</summary>
    public string SystemFingerprint => $"fp_{Assignment.Digest[(Assignment.Digest.IndexOf(':') + 1)..][..12]}{(Assignment.Quantization is { } quantization ? $"_{quantization}" : "")}";

    /// <summary>How long the engine's step has taken that computes now; zero between steps.</summary>
    public TimeSpan CurrentStep => Generator?.CurrentStep ?? Embedder?.CurrentStep ?? TimeSpan.Zero;

    /// <summary>Completes when the engine has ended; faulted when it died of a bug.</summary>
    public Task Ended => Generator?.Ended ?? Embedder?.Ended ?? Task.CompletedTask;

    /// <summary>Reads the weights and makes the engine: seconds for a large model, so not on a request's thread.</summary>
    /// <param name="lease">The file; taken over unless this throws.</param>
    /// <exception cref="LlamaException">llama.cpp refused the file or the size.</exception>
    public static ServedModel Load(
        ModelAssignment assignment, WeightsLease lease, MemoryBudget budget, EngineOptions options, InferenceTelemetry telemetry, TimeProvider time, ILogger logger)
    {
        // Until the file is open only its size is known: enough to refuse what can never fit.
        budget.Reserve(assignment.SizeBytes, 0, 1, 1).Dispose();
        var model = LlamaModel.Open(lease.Paths);
        IDisposable? memory = null;
        try
        {
            if (!IsPooled(assignment) && !model.HasDecoder)
            {
                throw new LlamaException("The model has no decoder: it cannot chat.");
            }

            var trained = model.TrainedContext > 0 ? model.TrainedContext : options.ContextLength;
            var shape = new EngineShape(
                Math.Min(assignment.ContextLength ?? Math.Min(trained, options.ContextLength), trained),
                assignment.Slots ?? options.Slots,
                options.BatchSize,
                ThreadsFor(model, options),
                options.Poll,
                options.QueueLimit)
            {
                LongestWait = options.LongestWait,
                AgingInterval = options.AgingInterval,
                PrefillTokens = options.PrefillTokens,
                TargetInterTokenLatency = options.TargetInterTokenLatency,
            };
            shape = shape with { StoreBytes = (long)Int128.Min(options.PrefixStoreBytes, (Int128)model.CacheBytesPerToken * shape.ContextLength * shape.Slots) };
            memory = Reserve(budget, assignment, model, shape);
            return new ServedModel(assignment, lease, memory, model, shape, telemetry, time, logger);
        }
        catch
        {
            model.Dispose();
            memory?.Dispose();
            throw;
        }
    }

    /// <summary>Whether a text as a whole becomes numbers, and no text comes out.</summary>
    private static bool IsPooled(ModelAssignment assignment) => assignment.Task is ModelTasks.Embedding or ModelTasks.Rerank;

    /// <summary>An embedding engine's sequences share one cache, and an encoder has none.</summary>
    private static IDisposable Reserve(MemoryBudget budget, ModelAssignment assignment, LlamaModel model, EngineShape shape) =>
        IsPooled(assignment)
            ? budget.Reserve(model.SizeBytes, EmbeddingEngine.LogitsBytesPerToken(model) + (model.HasDecoder ? model.CacheBytesPerToken : 0), Math.Max(shape.ContextLength, shape.BatchSize), 1)
            : budget.Reserve(model.SizeBytes + shape.StoreBytes, model.CacheBytesPerToken, shape.ContextLength, shape.Slots);

    /// <summary>
    /// llama.cpp's threads meet after each operation, spinning: in a model this small they wait longer than they compute, and take the processor from others.
    /// </summary>
    private static int ThreadsFor(LlamaModel model, EngineOptions options)
    {
        const long BytesWorthOneThread = 16L << 20;
        return options.Threads > 0 ? options.Threads : (int)Math.Clamp(model.SizeBytes / BytesWorthOneThread, 1, options.EffectiveThreads);
    }

    /// <summary>Holds the model for a request; null when it is being unloaded, and another may serve in its place.</summary>
    public ModelUse? TryUse()
    {
        lock (_lock)
        {
            if (_retired)
            {
                return null;
            }

            _uses++;
            return new ModelUse(this, Release);
        }
    }

    /// <summary>
    /// 1. Nobody finds it any more. 2. Requests that had found it get to the engine. 3. What runs ends, or is ended when the grace is over. 4. The memory is freed, when nobody holds it.
    /// </summary>
    public async Task UnloadAsync(TimeSpan grace)
    {
        var began = _time.GetTimestamp();
        lock (_lock)
        {
            _retired = true;
            if (_uses == 0)
            {
                _unused.TrySetResult();
            }
        }

        await _unused.Task.WaitAsync(grace, _time).ConfigureAwait(ConfigureAwaitOptions.SuppressThrowing);
        var left = grace - _time.GetElapsedTime(began);
        left = left > TimeSpan.Zero ? left : TimeSpan.Zero;
        await (Generator?.StopAsync(left) ?? Task.CompletedTask).ConfigureAwait(ConfigureAwaitOptions.SuppressThrowing);
        await (Embedder?.StopAsync(left) ?? Task.CompletedTask).ConfigureAwait(ConfigureAwaitOptions.SuppressThrowing);
        await _unused.Task;
        await DisposeAsync();
    }

    private void Release()
    {
        lock (_lock)
        {
            if (--_uses == 0 && _retired)
            {
                _unused.TrySetResult();
            }
        }
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
            _memory.Dispose();
            _lease.Dispose();
        }
    }
}
