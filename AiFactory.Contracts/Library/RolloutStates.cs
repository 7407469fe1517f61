namespace AiFactory.Contracts.Library;

/// <summary>running, paused and halted hold the deployment's shares; the others have ended. A halted one keeps its shares and waits for a person; a paused one too, by whom it was paused.</summary>
public static class RolloutStates
{
    public const string Running = "running";
    public const string Paused = "paused";
    public const string Halted = "halted";
    public const string RolledBack = "rolledBack";
    public const string Completed = "completed";
    public const string Cancelled = "cancelled";
}
