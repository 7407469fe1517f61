using System.Runtime.CompilerServices;
using System.Threading.Channels;
using AiFactory.Inference.Engine.Adapters;

namespace AiFactory.Inference.Engine;

/// <summary>One request as its client sees it: events come out, and leaving ends it. The engine's thread writes, one reader reads.</summary>
internal sealed class Generation(GenerationRequest request, TimeProvider time, Action wakeEngine)
{
    // Unbounded, yet bounded by the request's tokens: a slow reader must not hold up the batch.
    private readonly Channel<GenerationEvent> _events = Channel.CreateUnbounded<GenerationEvent>(
        new UnboundedChannelOptions { SingleReader = true, SingleWriter = true });

    private volatile bool _cancelled;
    private bool _started;
    private bool _over;

    public GenerationRequest Request { get; } = request;

    /// <summary>Tokens that it is likely to cost, prompt and answer.</summary>
    public required int Estimate { get; init; }

    /// <summary>Held until it ends; null for the model alone.</summary>
    public EngineAdapter? Adapter { get; init; }

    /// <summary>Whose computed beginnings it may go on from: its tenant's, made with the same adapter. What one adapter computed is never another's, nor the model's.</summary>
    public string? PrefixTenant => Adapter is null ? Request.Tenant : Adapter.TenantOf(Request.Tenant);

    public GenerationTimings Timings { get; } = new(time);

    /// <summary>Whether the client has left; the engine looks before each step.</summary>
    public bool IsCancelled => _cancelled;

    /// <summary>Ends it at the engine's next step. Harmless when it has ended.</summary>
    public void Cancel()
    {
        if (!_cancelled)
        {
            _cancelled = true;
            wakeEngine();
        }
    }

    /// <summary>The events in order, the last of them an end. Leaving the loop in any way, or the token, cancels the generation.</summary>
    public async IAsyncEnumerable<GenerationEvent> ReadAsync([EnumeratorCancellation] CancellationToken cancellationToken)
    {
        try
        {
            await foreach (var next in _events.Reader.ReadAllAsync(cancellationToken))
            {
                yield return next;
            }
        }
        finally
        {
            Cancel();
        }
    }

    internal void Write(GenerationEvent next) => _events.Writer.TryWrite(next);

    /// <summary>Its turn has come.</summary>
    internal void Start()
    {
        if (Adapter is { } adapter)
        {
            adapter.Start();
            _started = true;
        }
    }

    internal void End(GenerationEvent? last)
    {
        Timings.MarkFinished();
        if (!_over)
        {
            _over = true;
            Adapter?.Release(_started);
        }

        if (last is not null)
        {
            _events.Writer.TryWrite(last);
        }

        _events.Writer.TryComplete();
    }
}
