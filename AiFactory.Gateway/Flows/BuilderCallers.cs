using AiFactory.ServiceDefaults.Identity;

namespace AiFactory.Gateway.Flows;

/// <summary>The builder when it calls models for a flow: <c>builder:&lt;project&gt;</c>. It cannot call a flow, so no flow calls itself without end.</summary>
internal static class BuilderCallers
{
    private const string Subject = "builder:";

    public static bool Includes(InternalIdentity identity) => identity.Subject.StartsWith(Subject, StringComparison.Ordinal);
}
