namespace AiFactory.Inference.Engine.Admission;

/// <summary>What decides when a request gets its turn.</summary>
/// <param name="Project">Whose it is: projects share a busy engine evenly, however many requests each of them sends.</param>
/// <param name="Priority">Lower is earlier, as vLLM has it.</param>
/// <param name="Patience">How long it may wait for its first step; null waits as long as the settings allow.</param>
internal sealed record RequestTerms(string Project, int Priority = 0, TimeSpan? Patience = null)
{
    public static RequestTerms None { get; } = new("");
}
