namespace AiFactory.Contracts.Library;

public static class RolloutFailureActions
{
    /// <summary>The candidate keeps its share, and a person decides.</summary>
    public const string Halt = "halt";

    /// <summary>All requests go where they went before.</summary>
    public const string Rollback = "rollback";
}
