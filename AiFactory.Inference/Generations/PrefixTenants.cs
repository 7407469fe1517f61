using AiFactory.Inference.Engine;
using AiFactory.ServiceDefaults.Identity;
using Microsoft.Extensions.Options;

namespace AiFactory.Inference.Generations;

/// <summary>Who may start behind whose prompts.</summary>
internal sealed class PrefixTenants(IOptions<EngineOptions> options)
{
    /// <param name="salt">Keeps those apart who say different ones, whatever their project.</param>
    /// <returns>The caller's project where prefixes are kept apart; else null, for everybody.</returns>
    public string? Of(HttpContext http, string? salt = null)
    {
        var project = options.Value.IsolatePrefixes ? http.GetIdentity().Project ?? "" : null;
        return string.IsNullOrEmpty(salt) ? project : $"{project}\n{salt}";
    }
}
