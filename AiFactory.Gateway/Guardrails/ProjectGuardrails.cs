using System.Collections.Concurrent;
using System.Collections.Frozen;
using AiFactory.Gateway.Authentication;
using AiFactory.Gateway.Routing;

namespace AiFactory.Gateway.Guardrails;

/// <summary>The rules that hold for the callers of one project.</summary>
/// <param name="common">For every model; null where none do.</param>
/// <param name="own">For deployments that have more.</param>
internal sealed class ProjectGuardrails(GuardrailPolicy? common, IReadOnlyDictionary<Guid, GuardrailPolicy> own)
{
    private readonly FrozenDictionary<Guid, GuardrailPolicy> _own = own.ToFrozenDictionary();

    /// <summary>Together with those of other projects, whose callers name this one. They are as many as such pairs of policies, and forgotten with the snapshot.</summary>
    private readonly ConcurrentDictionary<(GuardrailPolicy, GuardrailPolicy), GuardrailPolicy> _both = new();

    /// <summary>For every model; null where nothing does.</summary>
    public GuardrailPolicy? Common => common;

    /// <param name="deployment">Null for what holds whatever model is asked.</param>
    public GuardrailPolicy? Of(Deployment? deployment) => deployment is not null && _own.TryGetValue(deployment.Route.Id, out var policy) ? policy : Common;

    /// <summary>What holds for one request: the rules of the project that it is charged to, and those of its caller's own where that is another, or naming a project would shed rules.</summary>
    /// <param name="charged">What may be named in that project.</param>
    public static GuardrailPolicy? Of(ProjectRoutes charged, Caller caller, Deployment? deployment)
    {
        var policy = charged.Guardrails?.Of(deployment);
        if (ReferenceEquals(charged, caller.Routes) || caller.Routes.Project.Length == 0 || caller.Routes.Guardrails is not { } guardrails || guardrails.Of(deployment) is not { } more)
        {
            return policy;
        }

        return policy is null || ReferenceEquals(policy, more) ? more : guardrails._both.GetOrAdd((policy, more), static both => GuardrailPolicy.Merge([both.Item1, both.Item2]));
    }
}
