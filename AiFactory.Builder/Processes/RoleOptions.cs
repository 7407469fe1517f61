namespace AiFactory.Builder.Processes;

/// <summary>The settings under <c>Builder</c>.</summary>
internal sealed class RoleOptions
{
    internal const string Section = "Builder";

    /// <summary><c>orchestrator</c>, <c>executor</c>, <c>all</c>, or several with a comma between.</summary>
    public BuilderRoles Role { get; set; } = BuilderRoles.All;
}
