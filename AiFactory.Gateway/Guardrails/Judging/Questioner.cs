using AiFactory.Gateway.Limits;
using AiFactory.Gateway.SubRequests;

namespace AiFactory.Gateway.Guardrails.Judging;

/// <summary>Who asks judges, for one request.</summary>
/// <param name="Context">The request whose part the questions are.</param>
/// <param name="Caller">Whose they are.</param>
/// <param name="Reserved">What the request has reserved of limits; null where that is nothing.</param>
internal sealed record Questioner(TopicJudge Topics, HttpContext Context, Authentication.Caller Caller, Reservation? Reserved = null)
{
    public CancellationToken Left => Context.RequestAborted;

    public PartOf Whole => new(Context, Caller, Reserved, Left);
}
