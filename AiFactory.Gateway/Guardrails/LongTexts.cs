using Microsoft.Extensions.Options;

namespace AiFactory.Gateway.Guardrails;

/// <summary>Lets few requests with long texts be looked at at once: some dozens of them would keep all processors busy, and every other request waiting.</summary>
internal sealed class LongTexts(IOptions<GuardrailOptions> options, TimeProvider time) : IDisposable
{
    /// <summary>Characters. A shorter one takes some milliseconds, with every kind of rule.</summary>
    public const int Shortest = 64 * 1024;

    private readonly SemaphoreSlim _places = new(Math.Max(1, Environment.ProcessorCount / 2));

    /// <summary>Their own: no limit of requests is about them, and they must not take the places of those that a limit has let in.</summary>
    private readonly SemaphoreSlim _moderations = new(Math.Max(1, Environment.ProcessorCount / 4));

    /// <param name="isModeration">Whether nothing but a verdict is asked for.</param>
    /// <returns>Whether it may go on now; if so, <see cref="Leave"/> is owed.</returns>
    /// <exception cref="OperationCanceledException">The client has left.</exception>
    public async ValueTask<bool> EnterAsync(CancellationToken left, bool isModeration = false)
    {
        var places = PlacesOf(isModeration);
        if (places.Wait(TimeSpan.Zero, CancellationToken.None))
        {
            return true;
        }

        using var limit = new CancellationTokenSource(options.Value.Wait, time);
        using var both = CancellationTokenSource.CreateLinkedTokenSource(limit.Token, left);
        try
        {
            await places.WaitAsync(both.Token);
            return true;
        }
        catch (OperationCanceledException) when (!left.IsCancellationRequested)
        {
            return false;
        }
    }

    public void Leave(bool isModeration = false) => PlacesOf(isModeration).Release();

    public void Dispose()
    {
        _places.Dispose();
        _moderations.Dispose();
    }

    private SemaphoreSlim PlacesOf(bool isModeration) => isModeration ? _moderations : _places;
}
