namespace AiFactory.Gateway.Files;

internal static class FilePurposes
{
    public const string Batch = "batch";

    /// <summary>What batches leave; nobody uploads it.</summary>
    public const string BatchOutput = "batch_output";
}
