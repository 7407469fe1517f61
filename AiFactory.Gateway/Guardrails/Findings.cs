using AiFactory.Contracts.Guardrails;
using AiFactory.Gateway.Telemetry;

namespace AiFactory.Gateway.Guardrails;

/// <summary>Which rules found something in one request and its answer. What they found is nowhere kept.</summary>
internal sealed class Findings(string project, GatewayTelemetry? telemetry = null)
{
    /// <summary>The outcome of a judgement that there is none.</summary>
    public const string Failure = "failed";

    private readonly List<RuleIdentity> _rules = [];
    private readonly List<RuleIdentity> _failed = [];

    /// <summary>In the order in which they found something.</summary>
    public IReadOnlyList<RuleIdentity> Rules => _rules;

    /// <summary>For the header, the span and the usage record, as <c>mask:no-mail,flag:rivals</c>; null where nothing was found.</summary>
    public string? Marks => _rules.Count == 0 ? null : string.Join(',', _rules.Select(rule => rule.Mark));

    /// <summary>Those whose judges gave no verdict, as often as that was.</summary>
    public IReadOnlyList<RuleIdentity> Failed => _failed;

    /// <summary>How many could not pass as they were.</summary>
    public int Stopped { get; private set; }

    /// <param name="outcome"><c>found</c>, <c>clear</c> or <c>failed</c>.</param>
    public void Judged(RuleIdentity rule, string outcome)
    {
        telemetry?.Judged(project, rule, outcome);
        if (outcome == Failure)
        {
            _failed.Add(rule);
        }
    }

    public void Add(RuleIdentity rule)
    {
        Stopped += rule.Action == GuardrailActions.Flag ? 0 : 1;
        telemetry?.Found(project, rule);
        if (!_rules.Contains(rule))
        {
            _rules.Add(rule);
        }
    }
}
