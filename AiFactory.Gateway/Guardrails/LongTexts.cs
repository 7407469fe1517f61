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

    /// <summary>Their own: no model's pace slows them, and they must not take the places of requests to models. A project has one of them, or its long ones would be all that is looked at.</summary>
    private readonly SharedPlaces _moderations = new(Math.Max(1, Environment.ProcessorCount / 4), share: 1, time);

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

    /// <summary>For what asks for nothing but a verdict: a moderation of long texts, or a trial of rules of one's own.</summary>
    /// <returns>Whether it may go on now; if so, <see cref="LeaveModeration"/> is owed.</returns>
    /// <exception cref="OperationCanceledException">The client has left.</exception>
    public ValueTask<bool> EnterModerationAsync(string project, CancellationToken left) => _moderations.EnterAsync(project, options.Value.Wait, left);

    /// <summary>For an answer, which was computed and is paid: it waits as long as its request may. <see cref="Leave"/> is owed.</summary>
    public Task EnterWithAnswerAsync(CancellationToken left) => _places.WaitAsync(left);

    public void Leave() => _places.Release();

    public void LeaveModeration(string project) => _moderations.Leave(project);

    public void Dispose()
    {
        _places.Dispose();
        _moderations.Dispose();
    }
}
