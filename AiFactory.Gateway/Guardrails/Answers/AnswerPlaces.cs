using Microsoft.Extensions.Options;

namespace AiFactory.Gateway.Guardrails.Answers;

/// <summary>
/// Bounds how many large answers are in memory whole at once because rules have to see all of them first, and how much of the processors they take.
/// <para>
/// Nobody waits in a circle: a place here is taken while an answer is read from its model, which needs no place for that; whoever has one waits for nothing but, in this order, the rest of that answer, a place of
/// <see cref="LongTexts"/>, whose holders compute and wait for nothing, and the client (who has to read at a pace); for a model that judges it nobody waits with a place. Places for large work of batches are of two kinds: a body's is taken before any of these, an answer's
/// after all of them, and its holders wait for the database alone. A service that asks this gateway again in the middle of its own large answer can wait for itself; its request's time limit ends that.
/// </para>
/// </summary>
internal sealed class AnswerPlaces(LongTexts longTexts, IOptions<GuardrailOptions> options) : IDisposable
{
    /// <summary>Bytes up to which an answer takes no place: as many as a request's own texts may take.</summary>
    public const int Small = 256 * 1024;

    private readonly SemaphoreSlim _large = new(options.Value.LargeAnswersAtOnce);

    /// <summary>Bytes of the largest answer that rules are held against whole.</summary>
    public int Most => options.Value.MostAnswerBytes;

    public LongTexts LongTexts => longTexts;

    public Task EnterAsync(CancellationToken left) => _large.WaitAsync(left);

    public void Leave() => _large.Release();

    public void Dispose() => _large.Dispose();
}
