using System.Collections.Concurrent;

namespace AiFactory.Inference.Benchmarking;

/// <summary>Puts a load on a server. What came of it can be asked at any time, also when the run was ended early.</summary>
internal sealed class BenchmarkRunner(BenchmarkSettings settings, TimeProvider time) : IDisposable
{
    private readonly BenchmarkClient _client = new(settings, time);
    private readonly ConcurrentQueue<BenchmarkSample> _samples = new();
    private readonly ConcurrentDictionary<string, int> _failures = new(StringComparer.Ordinal);
    private long _began;
    private long _ended;

    /// <summary>Whether answers are kept in the samples.</summary>
    public bool KeepText { get; init; }

    /// <summary>Makes the prompts itself; how long words are is asked before the time is taken.</summary>
    /// <exception cref="BenchmarkException">The server refuses before anything is measured.</exception>
    public async Task RunAsync(CancellationToken cancellationToken)
    {
        // 1. What a word is. 2. The warm-up, with prompts that do not come again. 3. The load.
        var prompts = await BenchmarkPrompts.MeasureAsync(settings, _client, cancellationToken);
        for (var i = 0; i < settings.Warmup; i++)
        {
            await _client.SendAsync(prompts.Make(-2 - i), settings.OutputTokens, keepText: false, cancellationToken);
        }

        await RunAsync(prompts.Make, cancellationToken);
    }

    /// <param name="prompt">The prompt of the request with this index.</param>
    public async Task RunAsync(Func<int, string> prompt, CancellationToken cancellationToken)
    {
        _began = time.GetTimestamp();
        try
        {
            await (settings.Rate is { } rate ? ArriveAsync(rate, prompt, cancellationToken) : TakeTurnsAsync(prompt, cancellationToken));
        }
        finally
        {
            _ended = time.GetTimestamp();
        }
    }

    public BenchmarkReport Report(bool interrupted = false) => BenchmarkReport.From(
        settings,
        [.. _samples],
        _failures,
        _began == 0 ? TimeSpan.Zero : time.GetElapsedTime(_began, _ended == 0 ? time.GetTimestamp() : _ended),
        interrupted);

    public IReadOnlyList<BenchmarkSample> Samples => [.. _samples];

    public void Dispose() => _client.Dispose();

    private async Task TakeTurnsAsync(Func<int, string> prompt, CancellationToken cancellationToken)
    {
        var next = -1;
        await Task.WhenAll(Enumerable.Range(0, Math.Min(settings.Concurrency, settings.Requests)).Select(async _ =>
        {
            while (Interlocked.Increment(ref next) is var index && index < settings.Requests)
            {
                await SendAsync(prompt(index), cancellationToken);
            }
        }));
    }

    private async Task ArriveAsync(double rate, Func<int, string> prompt, CancellationToken cancellationToken)
    {
        var random = new Random(settings.Seed);
        var due = TimeSpan.Zero;
        var requests = new List<Task>(settings.Requests);
        for (var index = 0; index < settings.Requests; index++)
        {
            if (due - time.GetElapsedTime(_began) is var wait && wait > TimeSpan.Zero)
            {
                await Task.Delay(wait, time, cancellationToken);
            }

            requests.Add(SendAsync(prompt(index), cancellationToken));
            due += TimeSpan.FromSeconds(-Math.Log(1 - random.NextDouble()) / rate);
        }

        await Task.WhenAll(requests);
    }

    private async Task SendAsync(string prompt, CancellationToken cancellationToken)
    {
        try
        {
            _samples.Enqueue(await _client.SendAsync(prompt, settings.OutputTokens, KeepText, cancellationToken));
        }
        catch (BenchmarkException error)
        {
            _failures.AddOrUpdate(error.Message, 1, (_, count) => count + 1);
        }
    }
}
