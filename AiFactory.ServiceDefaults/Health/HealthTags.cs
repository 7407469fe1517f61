namespace AiFactory.ServiceDefaults.Health;

public static class HealthTags
{
    /// <summary>A health check with this tag must pass before <c>/readyz</c> answers 200.</summary>
    public const string Ready = "ready";
}
