namespace AiFactory.Gateway.Batches;

internal static class BatchKinds
{
    public const string Batch = "batch";

    /// <summary>One request, whose result stays in its row.</summary>
    public const string Job = "job";
}
