using AiFactory.Inference.Engine.Adapters;
using AiFactory.Inference.Engine.Admission;
using AiFactory.Inference.Engine.Prefixes;
using AiFactory.Inference.Native;
using AiFactory.Inference.Telemetry;

namespace AiFactory.Inference.Engine;

/// <summary>
/// One loaded model that answers several requests in one batch (continuous batching). A thread of its own owns the context; callers only queue requests
/// and read their events. It sleeps while there is nothing to do.
/// </summary>
internal sealed partial class GenerationEngine : IAsyncDisposable
{
    /// <summary>Slots that are copied in one step, about.</summary>
    private const int MostCopies = 2;

    private readonly LlamaModel _model;
    private readonly LlamaContext _context;
    private readonly LlamaBatchBuffer _batch;
    private readonly ModelMetrics _metrics;
    private readonly TimeProvider _time;
    private readonly ILogger _logger;
    private readonly Thread _thread;
    private readonly AutoResetEvent _wake = new(false);
    private readonly TaskCompletionSource _ended = new(TaskCreationOptions.RunContinuationsAsynchronously);

    // Shared with callers.
    private readonly Lock _gate = new();
    private readonly AdmissionQueue<Generation> _waiting;
    private readonly Throughput _throughput = new();
    private volatile bool _someoneLeft;
    private bool _draining;
    private bool _disposed;
    private volatile bool _stopping;
    private volatile int _running;
    private volatile int _sentOut;
    private volatile int _cacheTokens;
    private long _stepStarted;

    // The engine's thread only.
    private readonly PrefixStore _store;
    private readonly PrefixCache _prefixes;
    private readonly Seats _seats;
    private readonly PrefillPacer _pacer;
    private readonly Admitter _admitter;

    // Made once: they are called at each step.
    private readonly Predicate<Sequence> _advance;
    private readonly Predicate<Sequence> _releaseIfCancelled;
    private readonly Predicate<Sequence> _releaseIfOverdue;

    public GenerationEngine(LlamaModel model, EngineShape shape, ModelMetrics metrics, TimeProvider time, ILogger logger)
    {
        _model = model;
        _context = LlamaContext.Open(model, ContextOptions(shape));
        _batch = new LlamaBatchBuffer(_context.BatchSize);
        Slots = Math.Min(shape.Slots, _context.MaxSequences);
        _mostAdapters = shape.Adapters;
        _turns = new AdapterTurns(shape.AdapterSteps);
        _store = new PrefixStore(_context, shape.StoreBytes, model.KeepsParts);
        _prefixes = new PrefixCache(_context, Slots, _store, model.KeepsParts);
        _seats = new Seats(_prefixes, Slots, shape.AgingInterval, time);
        _waiting = new AdmissionQueue<Generation>(shape.QueueLimit, shape.AgingInterval, shape.LongestWait, time);
        _admitter = new Admitter(model, _waiting, _gate, _seats, metrics, logger);
        _pacer = new PrefillPacer(shape.PrefillTokens, shape.TargetInterTokenLatency, _batch.Capacity);
        ContextLength = Math.Min(shape.ContextLength, _context.SequenceContextLength);
        _metrics = metrics;
        _time = time;
        _logger = logger;
        _advance = Advance;
        _releaseIfCancelled = ReleaseIfCancelled;
        _releaseIfOverdue = ReleaseIfOverdue;
        _thread = new Thread(Run) { Name = "engine", IsBackground = true };
        _thread.Start();
    }

    /// <summary>What the memory is measured by, too.</summary>
    public static LlamaContextOptions ContextOptions(EngineShape shape)
    {
        var batch = Math.Max(shape.BatchSize, shape.Slots);
        return new(shape.ContextLength * shape.Slots, batch, batch, shape.Slots, shape.Threads, shape.Poll, Embeddings: false, UnifiedCache: false, Outputs: shape.Slots);
    }

    /// <summary>Tokens that one request may have, prompt and answer.</summary>
    public int ContextLength { get; }

    /// <summary>Requests that compute at once.</summary>
    public int Slots { get; }

    /// <summary>Completes when the thread has ended; faulted when it died of a bug.</summary>
    public Task Ended => _ended.Task;

    /// <summary>How long the step has taken that computes now; zero between steps.</summary>
    public TimeSpan CurrentStep => Volatile.Read(ref _stepStarted) is > 0 and var started ? _time.GetElapsedTime(started) : TimeSpan.Zero;

    public EngineLoad Load
    {
        get
        {
            lock (_gate)
            {
                return new EngineLoad(_running, _waiting.Count + _sentOut, _cacheTokens, ContextLength * Slots);
            }
        }
    }

    public Submission Submit(GenerationRequest request)
    {
        ArgumentOutOfRangeException.ThrowIfZero(request.Prompt.Length);
        ArgumentOutOfRangeException.ThrowIfNegativeOrZero(request.MaxTokens);
        ArgumentOutOfRangeException.ThrowIfGreaterThan((long)request.Prompt.Length + request.MaxTokens, ContextLength);
        lock (_gate)
        {
            if (_draining)
            {
                return new Submission.Stopping();
            }

            if (Use_NeedsLock(request.Adapter, out var adapter) is { } refusal)
            {
                return refusal;
            }

            var estimate = request.Prompt.Length + Math.Min(request.MaxTokens, _throughput.MeanAnswer);
            var generation = new Generation(request, _time, WakeForLeaver) { Estimate = estimate, Adapter = adapter };
            if (!_waiting.TryAdd(generation, request.Terms, estimate, Math.Max(0, Slots - _running) - _sentOut))
            {
                adapter?.Release(hadStarted: false);
                return new Submission.QueueFull(_throughput.RetryAfter(_waiting.Tokens));
            }

            _wake.Set();
            return new Submission.Accepted(generation);
        }
    }

    /// <summary>Takes nothing new, lets what runs and waits end within <paramref name="grace"/>, then ends the rest and the thread.</summary>
    public async Task StopAsync(TimeSpan grace)
    {
        lock (_gate)
        {
            _draining = true;
        }

        _wake.Set();
        try
        {
            await _ended.Task.WaitAsync(grace, _time);
        }
        catch (TimeoutException)
        {
            _stopping = true;
            _context.Abort();
            _wake.Set();
            await _ended.Task;
        }
    }

    public async ValueTask DisposeAsync()
    {
        // An engine that died says so by Ended; here its memory is freed all the same.
        await StopAsync(TimeSpan.Zero).ConfigureAwait(ConfigureAwaitOptions.SuppressThrowing);
        _thread.Join();
        _store.Dispose();
        _context.Dispose();
        FreeAdapters();
        lock (_gate)
        {
            _disposed = true;
            _wake.Dispose();
        }
    }

    private void Run()
    {
        try
        {
            while (!_stopping)
            {
                Volatile.Write(ref _stepStarted, _time.GetTimestamp());
                var stepped = Step();
                Volatile.Write(ref _stepStarted, 0);
                if (stepped)
                {
                    continue;
                }

                if (IsDrained())
                {
                    break;
                }

                _wake.WaitOne();
                Gather();
            }

            EndAll(new GenerationEvent.Stopped());
            _work.End();
            _ended.TrySetResult();
        }
#pragma warning disable CA1031 // Whatever it is, those who wait must hear of it, and the model's state must say so.
        catch (Exception error)
#pragma warning restore CA1031
        {
            LogEngineDied(_logger, error);
            Volatile.Write(ref _stepStarted, 0);
            try
            {
                EndAll(new GenerationEvent.Failed("The engine failed."));
            }
            finally
            {
                _work.End();
                _ended.TrySetException(error);
            }
        }
    }

    /// <summary>Before the first step after an idle time.</summary>
    private void Gather()
    {
        var began = _time.GetTimestamp();
        TimeSpan pause;
        do
        {
            lock (_gate)
            {
                pause = _draining ? TimeSpan.Zero : Gathering.Pause(_waiting.Count, Slots, _pacer.TimeOf(_waiting.Tokens), _time.GetElapsedTime(began));
            }
        }
        while (pause > TimeSpan.Zero && _wake.WaitOne(pause));
    }

    /// <summary>
    /// 1. End those who left, or whose deadline has passed in the queue. 2. Admit from the queue. 3. Begin, behind what the cache holds, side by side. 4. Compute one batch. 5. Tell each sequence its token, and free the slots of those that ended.
    /// </summary>
    /// <returns>False when there was nothing to do.</returns>
    private bool Step()
    {
        _work.DoAll();
        EndLeavers();
        _admitter.Admit();
        (_running, _sentOut) = (_seats.Active.Count, _seats.Out.Count);
        if (_seats.Active.Count == 0)
        {
            return false;
        }

        BeginWaiting();
        _seats.Close();
        var began = _time.GetTimestamp();
        var adapter = _turns.Next(_seats.Active);
        var isAnother = _context.Use(adapter?.Weights);
        var answers = BatchPlanner.Fill(_batch, _seats.Active, _pacer, adapter);
        CountCache();
        var result = _context.Decode(_batch);
        if (result == LlamaDecodeResult.Aborted)
        {
            return false;
        }

        if (result != LlamaDecodeResult.Done)
        {
            LogDecodeFailed(_logger, result, _batch.Count);
            _seats.Active.RemoveAll(sequence => sequence.Adapter == adapter && Fail(sequence));
            return true;
        }

        _seats.Active.RemoveAll(_advance);
        var took = _time.GetElapsedTime(began);
        if (!isAnother)
        {
            // To change the adapter takes time, of which the next steps know nothing.
            _pacer.Stepped(_batch.Count - answers, answers, took);
        }

        _throughput.Stepped(_batch.Count, took);
        return true;
    }

    private void CountCache()
    {
        var tokens = 0;
        foreach (var sequence in _seats.Active)
        {
            tokens += sequence.Position;
        }

        _cacheTokens = tokens;
    }

    private bool Advance(Sequence sequence)
    {
        if (sequence.OutputIndex < 0)
        {
            return false;
        }

        GenerationEvent? end;
        try
        {
            end = sequence.Advance(_context, _batch);
        }
#pragma warning disable CA1031 // Whatever it is, it is this request's alone: its client must hear of it, and the others go on.
        catch (Exception error)
#pragma warning restore CA1031
        {
            LogAnswerFailed(_logger, error);
            return Release(sequence, new GenerationEvent.Failed("The model could not go on with the answer."));
        }

        _metrics.TokenGenerated(sequence.Generation.Timings);
        return end is not null && Release(sequence, end);
    }

    /// <summary>A copy takes as long as the cache is large, and all answers wait for it: no more than a few in one step.</summary>
    private void BeginWaiting()
    {
        var copies = 0;
        foreach (var sequence in _seats.Active)
        {
            if (!sequence.HasBegun && copies < MostCopies)
            {
                copies += _prefixes.TryBegin(sequence, _seats.Active);
            }
        }
    }

    [LoggerMessage(3101, LogLevel.Critical, "The engine's thread died")]
    private static partial void LogEngineDied(ILogger logger, Exception error);

    [LoggerMessage(3104, LogLevel.Error, "An answer could not go on")]
    private static partial void LogAnswerFailed(ILogger logger, Exception error);

    [LoggerMessage(3102, LogLevel.Error, "llama.cpp answered {Result} to a batch of {Tokens} tokens")]
    private static partial void LogDecodeFailed(ILogger logger, LlamaDecodeResult result, int tokens);
}
