using System.Numerics.Tensors;
using AiFactory.Inference.Engine.Admission;
using AiFactory.Inference.Native;

namespace AiFactory.Inference.Engine;

/// <summary>
/// One loaded embedding model: texts of several requests in one batch, each whole (an encoder sees all of a text at once). Who is next is decided for each text, as for chats: a long list holds up a
/// single text of its project for no longer than one batch. It sleeps while there is nothing to do.
/// </summary>
internal sealed partial class EmbeddingEngine : IAsyncDisposable
{
    /// <summary>Texts in one batch.</summary>
    private const int Sequences = 64;

    /// <summary>Tokens that texts may always share, and what llama.cpp's room for logits may grow to before they share no more: it has a row of the whole vocabulary for each token of a batch, which embeddings never need.</summary>
    private const int LeastShared = 256;
    private const long LogitsBytes = 64L << 20;

    private readonly LlamaModel _model;
    private readonly LlamaContext _context;
    private readonly LlamaBatchBuffer _batch;
    private readonly TimeProvider _time;
    private readonly ILogger _logger;
    private readonly Thread _thread;
    private readonly AutoResetEvent _wake = new(false);
    private readonly TaskCompletionSource _ended = new(TaskCreationOptions.RunContinuationsAsynchronously);
    private readonly Lock _gate = new();
    private readonly AdmissionQueue<EmbeddingJob> _waiting;
    private readonly Throughput _throughput = new();
    private readonly int _shared;
    private bool _draining;
    private volatile bool _stopping;

    // Requests of the batch that computes, and those of them that wait with the rest of their texts.
    private IReadOnlyList<EmbeddingJob> _running = [];
    private int _runningRests;
    private long _stepStarted;

    public EmbeddingEngine(LlamaModel model, EngineShape shape, TimeProvider time, ILogger logger)
    {
        _model = model;
        _context = LlamaContext.Open(model, ContextOptions(shape));
        if (_context.Pooling == 0)
        {
            _context.Dispose();
            throw new LlamaException("The model gives no embedding of a whole text: its file names no pooling (mean, cls, last or rank).");
        }

        _batch = new LlamaBatchBuffer(Math.Min(_context.BatchSize, _context.PhysicalBatchSize));
        ContextLength = Math.Min(shape.ContextLength, _batch.Capacity);
        _waiting = new AdmissionQueue<EmbeddingJob>(shape.QueueLimit, shape.AgingInterval, shape.LongestWait, time);
        _shared = (int)Math.Clamp(LogitsBytes / LogitsBytesPerToken(model), LeastShared, Math.Max(LeastShared, shape.BatchSize));
        _time = time;
        _logger = logger;
        _thread = new Thread(Run) { Name = "embedder", IsBackground = true };
        _thread.Start();
    }

    /// <summary>What the memory is measured by, too. A text must fit one computation; attention is computed over the whole batch, so a larger one would only waste.</summary>
    public static LlamaContextOptions ContextOptions(EngineShape shape)
    {
        var batch = Math.Max(shape.ContextLength, shape.BatchSize);
        return new(batch, batch, batch, Sequences, shape.Threads, shape.Poll, Embeddings: true, UnifiedCache: true);
    }

    /// <summary>Tokens of one text.</summary>
    public int ContextLength { get; }

    /// <summary>Whether it says how well a document fits a query, of the two in one text, in the place of an embedding.</summary>
    public bool Ranks => _context.Pooling == 4;

    public int EmbeddingLength => _model.EmbeddingLength;

    /// <summary>What llama.cpp keeps for each token of the largest batch so far.</summary>
    public static long LogitsBytesPerToken(LlamaModel model) => (long)model.VocabularySize * sizeof(float);

    /// <summary>Completes when the thread has ended; faulted when it died of a bug.</summary>
    public Task Ended => _ended.Task;

    /// <summary>How long the batch has taken that computes now; zero between batches.</summary>
    public TimeSpan CurrentStep => Volatile.Read(ref _stepStarted) is > 0 and var started ? _time.GetElapsedTime(started) : TimeSpan.Zero;

    public EngineLoad Load
    {
        get
        {
            lock (_gate)
            {
                return new EngineLoad(_running.Count, _waiting.Count - _runningRests, 0, 0);
            }
        }
    }

    /// <summary>Embeds the inputs, each of 1 to <see cref="ContextLength"/> tokens, when their turn comes.</summary>
    public Task<EmbeddingOutcome> EmbedAsync(IReadOnlyList<int[]> inputs, RequestTerms terms, CancellationToken cancellationToken)
    {
        foreach (var input in inputs)
        {
            ArgumentOutOfRangeException.ThrowIfZero(input.Length);
            ArgumentOutOfRangeException.ThrowIfGreaterThan(input.Length, ContextLength);
        }

        if (inputs.Count == 0)
        {
            return Task.FromResult<EmbeddingOutcome>(new EmbeddingOutcome.Computed([]));
        }

        var job = new EmbeddingJob(inputs, terms, cancellationToken);
        lock (_gate)
        {
            if (_draining)
            {
                return Task.FromResult<EmbeddingOutcome>(new EmbeddingOutcome.Stopped());
            }

            if (!_waiting.TryAdd(job, terms, job.TokensLeft, free: _running.Count == 0 ? 1 : _runningRests))
            {
                return Task.FromResult<EmbeddingOutcome>(new EmbeddingOutcome.QueueFull(_throughput.RetryAfter(_waiting.Tokens)));
            }

            _wake.Set();
        }

        return job.Result;
    }

    /// <summary>Takes nothing new, lets what waits end within <paramref name="grace"/>, then ends the rest and the thread.</summary>
    public async Task StopAsync(TimeSpan grace)
    {
        lock (_gate)
        {
            _draining = true;
        }

        _wake.Set();
        try
        {
            await _ended.Task.WaitAsync(grace);
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
        _context.Dispose();
        _wake.Dispose();
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

                lock (_gate)
                {
                    if (_draining)
                    {
                        break;
                    }
                }

                _wake.WaitOne();
            }

            EndAll(new EmbeddingOutcome.Stopped());
            _ended.TrySetResult();
        }
#pragma warning disable CA1031 // Whatever it is, those who wait must hear of it, and the model's state must say so.
        catch (Exception error)
#pragma warning restore CA1031
        {
            LogEmbedderDied(_logger, error);
            Volatile.Write(ref _stepStarted, 0);
            EndAll(new EmbeddingOutcome.Failed("The engine failed."));
            _ended.TrySetException(error);
        }
    }

    /// <returns>False when there was nothing to do.</returns>
    private bool Step()
    {
        var texts = Fill();
        if (texts.Count == 0)
        {
            return false;
        }

        _context.Clear();
        var began = _time.GetTimestamp();
        var result = _context.Decode(_batch);
        for (var sequence = 0; sequence < texts.Count; sequence++)
        {
            var (job, index) = texts[sequence];
            if (result != LlamaDecodeResult.Done)
            {
                job.End(result == LlamaDecodeResult.Aborted ? new EmbeddingOutcome.Stopped() : new EmbeddingOutcome.Failed("The model could not compute the embedding."));
                continue;
            }

            var values = _context.GetSequenceEmbedding(sequence);
            job.Set(index, Ranks ? values.ToArray() : Normalise(values));
        }

        _throughput.Stepped(_batch.Count, _time.GetElapsedTime(began));
        return true;
    }

    /// <summary>Takes the texts whose turn it is, one after another, until none fits any more. The first may be as long as the context; who is passed over is first in the next batch.</summary>
    /// <returns>The texts, by sequence id.</returns>
    private List<(EmbeddingJob Job, int Index)> Fill()
    {
        _batch.Clear();
        var texts = new List<(EmbeddingJob, int)>();
        lock (_gate)
        {
            EndLeavers_NeedsLock();
            while (texts.Count < Sequences && _waiting.TryPeek(Fits, out var next))
            {
                var job = next.Item;
                _waiting.Take(next);
                Add(job.Next, texts.Count);
                texts.Add((job, job.TakeNext()));
                if (job.HasNext)
                {
                    _waiting.AddRest(job, job.Terms, job.TokensLeft);
                }
            }

            _running = [.. texts.Select(text => text.Item1).Distinct()];
            _runningRests = _running.Count(job => job.HasNext);
        }

        return texts;
    }

    private bool Fits(EmbeddingJob job) => _batch.Count == 0 || _batch.Count + job.Next.Length <= Math.Min(_shared, _batch.Capacity);

    /// <summary>Those who left, whose deadline has passed, or one of whose texts could not be computed.</summary>
    private void EndLeavers_NeedsLock()
    {
        foreach (var job in _waiting.RemoveAll(waiting => waiting.Item.IsOver))
        {
            job.Cancel();
        }

        foreach (var job in _waiting.RemoveOverdue())
        {
            job.End(new EmbeddingOutcome.Expired(_throughput.RetryAfter(_waiting.Tokens)));
        }
    }

    private void Add(int[] text, int sequence)
    {
        for (var i = 0; i < text.Length; i++)
        {
            _batch.Add(text[i], i, sequence, output: true);
        }
    }

    private static float[] Normalise(ReadOnlySpan<float> embedding)
    {
        var result = embedding.ToArray();
        var norm = MathF.Sqrt(TensorPrimitives.SumOfSquares(embedding));
        if (norm > 0)
        {
            TensorPrimitives.Divide(embedding, norm, result);
        }

        return result;
    }

    private void EndAll(EmbeddingOutcome outcome)
    {
        lock (_gate)
        {
            _draining = true;
            foreach (var job in _running.Concat(_waiting.RemoveAll(_ => true)))
            {
                job.End(outcome);
            }

            (_running, _runningRests) = ([], 0);
        }
    }

    [LoggerMessage(3111, LogLevel.Critical, "The embedding engine's thread died")]
    private static partial void LogEmbedderDied(ILogger logger, Exception error);
}
