using System.Diagnostics;
using AiFactory.Gateway.Guardrails.Answers;
using AiFactory.Gateway.Guardrails.Judging;
using AiFactory.Gateway.Guardrails.Texts;
using AiFactory.Gateway.OpenAI;
using AiFactory.ServiceDefaults.Schemas;

namespace AiFactory.Gateway.Guardrails;

/// <summary>What rules say of one request and of its answer.</summary>
/// <param name="blocked">Is told which rule stopped it.</param>
internal sealed class Guarding(GuardrailPolicy policy, Findings findings, Action<RuleIdentity> blocked) : IDisposable
{
    /// <summary>Names the rules that found something and let it pass: <c>mask:no-mail,flag:rivals</c>.</summary>
    public const string Header = "x-aifactory-guardrails";

    private int _stoppedBefore;
    private SchemaWork? _schemaWork;

    /// <summary>Of its answer that are judged, where that is whole.</summary>
    public int MostWindows => Asks.Places.MostWindows;

    private Questioner Asks => Questioner ?? throw new NotSupportedException("Nobody was named who could be asked.");

    public GuardrailPolicy Policy { get; } = policy;

    public Findings Findings { get; } = findings;

    /// <summary>Null where no rule is about the answer, or it has no text.</summary>
    public AnswerGuard? Answers { get; private set; }

    /// <summary>Who asks models that judge; null where none can be asked.</summary>
    public Questioner? Questioner { get; init; }

    /// <summary>The client has left.</summary>
    public CancellationToken Left { get; init; }

    /// <summary>What holding the answer to schemas may cost, all of its texts and all rules together.</summary>
    public SchemaWork SchemaWork => _schemaWork ??= new SchemaWork(Left);

    /// <summary>For the usage record.</summary>
    public string? Marks => Findings.Marks;

    /// <summary>The request passes: its answer is next.</summary>
    /// <param name="places">Null where it is here already.</param>
    public void ExpectAnswer(Operation operation, AnswerPlaces? places = null)
    {
        _stoppedBefore = Findings.Stopped;
        Answers = Policy.HasOutput && TextShape.OfAnswer(operation) is { } shape ? new AnswerGuard(operation, shape, this, places) : null;
    }

    /// <summary>Whether the client got another answer than the model gave.</summary>
    public bool ChangedAnswer => Findings.Stopped > _stoppedBefore;

    /// <summary>Windows of its answer.</summary>
    /// <returns>What the client is told in their place; null where they pass.</returns>
    /// <exception cref="OperationCanceledException">The client has left, or its request's time is up.</exception>
    public Task<OpenAIError?> JudgeAnswerAsync(TopicRule[] rules, IReadOnlyList<string> windows) =>
        JudgeAsync(Asks, rules, new RequestWindows(windows, windows.Count), rule => GuardrailError.OfAnswer(rule), GuardrailError.AnswerTooLongToJudge, isAnswer: true);

    /// <summary>Windows of a request.</summary>
    /// <param name="error">What a client is told of a rule that stops these windows.</param>
    /// <returns>What the client is told; null where they pass.</returns>
    /// <exception cref="OperationCanceledException">The client has left, or its request's time is up.</exception>
    public Task<OpenAIError?> JudgeRequestAsync(RequestWindows windows, Func<RuleIdentity, OpenAIError> error) =>
        JudgeAsync(Asks, Policy.InputTopics, windows, error, GuardrailError.TooLongToJudge, isAnswer: false);

    /// <summary>Windows of an answer that the client has: nobody waits for what is said of them, so it is said soon or not at all, and also where the client has left.</summary>
    public async Task FlagAnswerAsync(TopicRule[] rules, IReadOnlyList<string> windows)
    {
        using var soon = Asks.Places.Briefly();
        try
        {
            await JudgeAsync(Asks with { Until = soon.Token }, rules, new RequestWindows(windows, windows.Count), rule => GuardrailError.OfAnswer(rule), GuardrailError.AnswerTooLongToJudge, isAnswer: true);
        }
        catch (OperationCanceledException)
        {
            // What nobody judged in time is not flagged.
        }
    }

    public OpenAIError Stop(RuleIdentity rule, OpenAIError error)
    {
        blocked(rule);
        return error;
    }

    /// <summary>Before the answer's head goes out: of a stream's own text it says nothing, for that comes behind.</summary>
    public void WriteHeader(HttpResponse response)
    {
        if (Marks is { } marks)
        {
            response.Headers[Header] = marks;
        }
    }

    public void Dispose() => Answers?.Dispose();

    /// <summary>A rule that only flags reads as far as any does; what goes beyond that does not pass a rule that blocks, or padding would take the rest past it.</summary>
    private async Task<OpenAIError?> JudgeAsync(
        Questioner by, TopicRule[] rules, RequestWindows windows, Func<RuleIdentity, OpenAIError> error, Func<RuleIdentity, int, OpenAIError> tooLong, bool isAnswer)
    {
        var (most, all, ofUsers) = (by.Places.MostWindows, windows.Windows, windows.OfUsers);
        if (Array.Find(rules, rule => rule.Blocks && (rule.IsOfUsers ? ofUsers : all.Count) > most) is { } blocking)
        {
            return tooLong(blocking.Identity, most);
        }

        return await by.JudgeAsync(rules, new JudgedTexts(all.Count > most ? [.. all.Take(most)] : all, Math.Min(ofUsers, most)), Findings, rule => Stop(rule, error(rule)), isAnswer);
    }

    public void Describe(Activity? span)
    {
        if (span is { IsAllDataRequested: true } && Marks is { } marks)
        {
            span.SetTag("aifactory.guardrails", marks);
        }
    }
}
