namespace AiFactory.Gateway.Guardrails.Judging;

/// <summary>Who asks judges, for one request.</summary>
/// <param name="Context">The request whose part the questions are.</param>
/// <param name="Caller">Whose they are.</param>
internal sealed record Questioner(TopicJudge Topics, HttpContext Context, Authentication.Caller Caller)
{
    public CancellationToken Left => Context.RequestAborted;
}
