using System.Collections.Frozen;
using AiFactory.Gateway.Routing;

namespace AiFactory.Gateway.Guardrails;

/// <summary>The rules that hold for the callers of one project.</summary>
/// <param name="common">For every model; null where none do.</param>
/// <param name="own">For deployments that have more.</param>
internal sealed class ProjectGuardrails(GuardrailPolicy? common, IReadOnlyDictionary<Guid, GuardrailPolicy> own)
{
    private readonly FrozenDictionary<Guid, GuardrailPolicy> _own = own.ToFrozenDictionary();

    public GuardrailPolicy? Of(Deployment deployment) => _own.TryGetValue(deployment.Route.Id, out var policy) ? policy : common;
}
