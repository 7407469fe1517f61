using System.Numerics.Tensors;
using AiFactory.Inference.Native;

namespace AiFactory.Inference.Engine;

/// <summary>One loaded embedding model: texts of several requests in one batch, each whole (an encoder sees all of a text at once). It sleeps while there is nothing to do.</summary>
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
    private readonly LinkedList<EmbeddingJob> _jobs = [];
    private readonly int _queueLimit;
    private readonly int _shared;
    private bool _draining;
    private volatile bool _stopping;
    private volatile int _running;
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
        _queueLimit = shape.QueueLimit;
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
                return new EngineLoad(_running, Math.Max(0, _jobs.Count - _running), 0, 0);
            }
        }
    }

    /// <summary>Embeds the inputs, each of 1 to <see cref="ContextLength"/> tokens; null when too many requests wait. The embeddings have length 1, ranks are the model's own; both have the inputs' order.</summary>
    /// <exception cref="EngineStoppedException">It takes nothing any more, or stopped in the middle.</exception>
    public Task<float[][]>? TryEmbed(IReadOnlyList<int[]> inputs, CancellationToken cancellationToken)
    {
        foreach (var input in inputs)
        {
            ArgumentOutOfRangeException.ThrowIfZero(input.Length);
            ArgumentOutOfRangeException.ThrowIfGreaterThan(input.Length, ContextLength);
        }

        if (inputs.Count == 0)
        {
            return Task.FromResult<float[][]>([]);
        }

        var job = new EmbeddingJob(inputs, cancellationToken);
        lock (_gate)
        {
            if (_draining)
            {
                throw new EngineStoppedException();
            }

            if (_jobs.Count > _queueLimit)
            {
                return null;
            }

            _jobs.AddLast(job);
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

            EndAll();
            _ended.TrySetResult();
        }
#pragma warning disable CA1031 // Whatever it is, those who wait must hear of it, and the model's state must say so.
        catch (Exception error)
#pragma warning restore CA1031
        {
            LogEmbedderDied(_logger, error);
            Volatile.Write(ref _stepStarted, 0);
            EndAll();
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
        var result = _context.Decode(_batch);
        for (var sequence = 0; sequence < texts.Count; sequence++)
        {
            var (job, index) = texts[sequence];
            if (result != LlamaDecodeResult.Done)
            {
                job.Fail(result == LlamaDecodeResult.Aborted ? new EngineStoppedException() : new LlamaException("The model could not compute the embedding."));
                continue;
            }

            var values = _context.GetSequenceEmbedding(sequence);
            job.Set(index, Ranks ? values.ToArray() : Normalise(values));
        }

        return true;
    }

    /// <summary>
    /// Takes one text of each request in turn until no text fits any more. A request that was served goes to the end of the queue, so that a long list holds up a
    /// single text for no longer than one batch. A long text goes alone.
    /// </summary>
    /// <returns>The texts, by sequence id.</returns>
    private List<(EmbeddingJob Job, int Index)> Fill()
    {
        _batch.Clear();
        var texts = new List<(EmbeddingJob, int)>();
        lock (_gate)
        {
            // They come first in the next batch: a long text would otherwise wait as long as short ones come.
            var refused = new Stack<LinkedListNode<EmbeddingJob>>();
            while (_jobs.First is { Value: var job } node && texts.Count < Sequences)
            {
                _jobs.RemoveFirst();
                if (job.IsCancelled || !job.HasNext || job.Result.IsCompleted)
                {
                    if (job.IsCancelled)
                    {
                        job.Cancel();
                    }

                    continue;
                }

                if (_batch.Count > 0 && _batch.Count + job.Next.Length > Math.Min(_shared, _batch.Capacity))
                {
                    refused.Push(node);
                    continue;
                }

                _jobs.AddLast(node);
                Add(job.Next, texts.Count);
                texts.Add((job, job.TakeNext()));
            }

            while (refused.TryPop(out var node))
            {
                _jobs.AddFirst(node);
            }

            _running = texts.Select(text => text.Item1).Distinct().Count();
        }

        return texts;
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

    private void EndAll()
    {
        lock (_gate)
        {
            _draining = true;
            foreach (var job in _jobs)
            {
                job.Fail(new EngineStoppedException());
            }

            _jobs.Clear();
        }
    }

    [LoggerMessage(3111, LogLevel.Critical, "The embedding engine's thread died")]
    private static partial void LogEmbedderDied(ILogger logger, Exception error);
}
