using AiFactory.Contracts.Guardrails;
using AiFactory.Gateway.Routing;
using AiFactory.Gateway.SubRequests;

namespace AiFactory.Gateway.Guardrails.Judging;

/// <summary>A rule of what texts may not be about. There is one for each version of a policy.</summary>
/// <param name="project">Whose deployment judges; empty for a rule of the whole factory, which one of those judges that all may use: a project's own of the same name does not.</param>
internal sealed class TopicRule(RuleIdentity identity, string project, GuardrailRule rule)
{
    private sealed record Known(Guid Deployment, string Digest, JudgedVectors Vectors);

    private volatile Known? _known;

    public RuleIdentity Identity => identity;

    public string Project => project;

    /// <summary>The name of the deployment that judges.</summary>
    public string Judge { get; } = rule.Judge ?? "";

    /// <summary>Which of that name; null for whichever has it, as rules of older libraries say.</summary>
    public Guid? JudgeId => rule.JudgeId;

    public IReadOnlyList<GuardrailTopic> Topics { get; } = rule.Topics ?? [];

    public double? Threshold => rule.Threshold;

    /// <summary>What all topics together are told by: names and examples.</summary>
    public IReadOnlyList<string> Texts { get; } = [.. (rule.Topics ?? []).SelectMany(topic => (string[])[topic.Name, .. topic.Examples ?? []]).Distinct(StringComparer.Ordinal)];

    /// <summary>Whether it leaves out what the application's author writes.</summary>
    public bool IsOfUsers => rule.Authors == GuardrailAuthors.Users;

    public bool Blocks => identity.Action == GuardrailActions.Block;

    /// <summary>
    /// Whether what could not be judged for this reason passes. A rule that blocks lets pass only what nobody could have judged: else whoever writes a text that its judge does not take, or says
    /// nothing of, would pass it.
    /// </summary>
    public bool LetsPass(PartFaultKind fault) => !Blocks || (fault == PartFaultKind.Away && rule.OnFailure == GuardrailFailures.Pass);

    /// <summary>When it was last complained of its judge, as a timestamp; 0 for never.</summary>
    public long ComplainedAt;

    /// <summary>Of <see cref="Texts"/>, as this model has them; null until they are known. Those of another model, or of another version of it, are not comparable.</summary>
    public JudgedVectors? VectorsOf(Deployment judge) => _known is { } known && known.Deployment == judge.Route.Id && known.Digest == judge.Route.Digest ? known.Vectors : null;

    public void Forget() => _known = null;

    public void Learn(Deployment judge, JudgedVectors vectors) => _known = new Known(judge.Route.Id, judge.Route.Digest, vectors);
}
