using Microsoft.Extensions.Options;

namespace AiFactory.Gateway.Guardrails;

/// <summary>Lets few requests with long texts be looked at at once: some dozens of them would keep all processors busy, and every other request waiting.</summary>
internal sealed class LongTexts(IOptions<GuardrailOptions> options, TimeProvider time) : IDisposable
{
    /// <summary>Characters. A shorter one takes some milliseconds, with every kind of rule.</summary>
    public const int Shortest = 64 * 1024;

    private readonly SemaphoreSlim _places = new(Math.Max(1, Environment.ProcessorCount / 2));

    /// <returns>Whether it may go on now; if so, <see cref="Leave"/> is owed.</returns>
    /// <exception cref="OperationCanceledException">The client has left.</exception>
    public async ValueTask<bool> EnterAsync(CancellationToken left)
    {
        if (_places.Wait(TimeSpan.Zero, CancellationToken.None))
        {
            return true;
        }

        using var limit = new CancellationTokenSource(options.Value.Wait, time);
        using var both = CancellationTokenSource.CreateLinkedTokenSource(limit.Token, left);
        try
        {
            await _places.WaitAsync(both.Token);
            return true;
        }
        catch (OperationCanceledException) when (!left.IsCancellationRequested)
        {
            return false;
        }
    }

    public void Leave() => _places.Release();

    public void Dispose() => _places.Dispose();
}
