using Microsoft.Extensions.Options;

namespace AiFactory.Gateway.Guardrails.Judging;

/// <summary>
/// Bounds what judging takes: how many texts are with their judges at once, for each has questions and vectors in memory, and how much of one request is judged. Who has a place waits for a model, and
/// for no longer than <see cref="GuardrailOptions.JudgeTimeout"/> a question.
/// </summary>
internal sealed class JudgePlaces(IOptions<GuardrailOptions> options, TimeProvider time) : IDisposable
{
    /// <summary>Of one project half of all: a judge of its own that hangs must not hold up those of others.</summary>
    private readonly SharedPlaces _places = new(options.Value.JudgedAtOnce, (options.Value.JudgedAtOnce + 1) / 2, time);

    /// <summary>Of one request, or of one answer.</summary>
    public int MostWindows => options.Value.MostWindows;

    /// <param name="isAnswer">Whether it is computed and paid: then it waits as long as its request may.</param>
    /// <returns>Whether it may be judged now; if so, <see cref="Leave"/> is owed.</returns>
    /// <exception cref="OperationCanceledException">Nobody waits for it any more.</exception>
    public ValueTask<bool> EnterAsync(string project, bool isAnswer, CancellationToken left) => _places.EnterAsync(project, isAnswer ? null : options.Value.Wait, left);

    public void Leave(string project) => _places.Leave(project);

    /// <summary>For what may take no more of anybody's time than two questions, the first of which finds out that its judge hangs.</summary>
    public CancellationTokenSource Briefly() => new(2 * options.Value.JudgeTimeout, time);

    public void Dispose() => _places.Dispose();
}
