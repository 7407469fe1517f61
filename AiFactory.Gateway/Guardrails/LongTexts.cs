using Microsoft.Extensions.Options;

namespace AiFactory.Gateway.Guardrails;

/// <summary>
/// Lets few requests with long texts be looked at at once: some dozens of them would keep all processors busy, and every other request waiting. Who has a place computes, and waits for nothing else.
/// </summary>
internal sealed class LongTexts(IOptions<GuardrailOptions> options, TimeProvider time) : IDisposable
{
    /// <summary>Characters. A shorter one takes some milliseconds, with every kind of rule.</summary>
    public const int Shortest = 64 * 1024;

    private readonly SemaphoreSlim _places = new(Math.Max(1, Environment.ProcessorCount / 2));

    /// <summary>Their own, for texts of every length: no model's pace slows them, and they must not take the places of requests to models.</summary>
    private readonly SemaphoreSlim _moderations = new(Math.Max(1, Environment.ProcessorCount / 4));

    /// <param name="isModeration">Whether nothing but a verdict is asked for, by a moderation or a trial of rules.</param>
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

    /// <summary>For an answer, which was computed and is paid: it waits as long as its request may. <see cref="Leave"/> is owed.</summary>
    public Task EnterWithAnswerAsync(CancellationToken left) => _places.WaitAsync(left);

    public void Leave(bool isModeration = false) => PlacesOf(isModeration).Release();

    public void Dispose()
    {
        _places.Dispose();
        _moderations.Dispose();
    }

    private SemaphoreSlim PlacesOf(bool isModeration) => isModeration ? _moderations : _places;
}
