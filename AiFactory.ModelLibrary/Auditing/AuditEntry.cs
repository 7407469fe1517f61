namespace AiFactory.ModelLibrary.Auditing;

/// <summary>One act to be recorded.</summary>
/// <param name="Action">For example <c>deployment.created</c>.</param>
/// <param name="Target">For example <c>deployment/demo-chat</c>.</param>
internal sealed record AuditEntry(string? Project, string Actor, string Action, string Target)
{
    public object? Before { get; init; }

    public object? After { get; init; }

    public string? Reason { get; init; }
}
