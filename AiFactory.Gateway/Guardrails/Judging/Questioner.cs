using AiFactory.Gateway.Forwarding;
using AiFactory.Gateway.Limits;
using AiFactory.Gateway.OpenAI;
using AiFactory.Gateway.SubRequests;

namespace AiFactory.Gateway.Guardrails.Judging;

/// <summary>Who asks judges, for one request.</summary>
/// <param name="Context">The request whose part the questions are.</param>
/// <param name="Caller">Whose they are.</param>
/// <param name="Reserved">What the request has reserved of limits; null where that is nothing.</param>
internal sealed record Questioner(TopicJudge Topics, JudgePlaces Places, HttpContext Context, Authentication.Caller Caller, Reservation? Reserved = null)
{
    /// <summary>Whose time limit is that of all its questions together; null where there is none.</summary>
    public Exchange? Exchange { get; init; }

    /// <summary>Ends the questions in place of the client's leaving and of the exchange's limit; null where these do.</summary>
    public CancellationToken? Until { get; init; }

    public CancellationToken Left => Until ?? Exchange?.Token ?? Context.RequestAborted;

    public PartOf Whole => new(Context, Caller, Reserved, Left);

    /// <summary>Has texts judged when it is their turn.</summary>
    /// <param name="stop">As <see cref="TopicJudge.JudgeAsync"/> has it.</param>
    /// <param name="isAnswer">Whether they are computed and paid.</param>
    /// <returns>Null where all may pass.</returns>
    /// <exception cref="OperationCanceledException">The client has left, or its request's time is up.</exception>
    public async Task<OpenAIError?> JudgeAsync(TopicRule[] rules, JudgedTexts texts, Findings findings, Func<RuleIdentity, OpenAIError>? stop, bool isAnswer = false)
    {
        if (rules.Length == 0 || texts.Windows.Count == 0)
        {
            return null;
        }

        var project = ModelCallers.ProjectOf(Context.Request, Caller) ?? "";
        if (!await Places.EnterAsync(project, isAnswer, Left))
        {
            // Whoever asks for much could have it pass, were this as if nobody could have judged.
            Array.ForEach(rules, rule => findings.Judged(rule.Identity, Findings.Failure));
            return stop is null || Array.Exists(rules, rule => rule.Blocks) ? GuardrailError.JudgesBusy : null;
        }

        try
        {
            return await Topics.JudgeAsync(rules, texts, this, findings, stop);
        }
        finally
        {
            Places.Leave(project);
        }
    }
}
