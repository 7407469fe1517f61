using AiFactory.Inference.Engine;
using AiFactory.ServiceDefaults.Identity;
using Microsoft.Extensions.Options;

namespace AiFactory.Inference.Generations;

/// <summary>Who may start behind whose prompts.</summary>
internal sealed class PrefixTenants(IOptions<EngineOptions> options)
{
    /// <returns>The caller's project where prefixes are kept apart; else null, for everybody.</returns>
    public string? Of(HttpContext http) => options.Value.IsolatePrefixes ? http.GetIdentity().Project ?? "" : null;
}
