namespace AiFactory.Gateway.Batches.Running;

internal sealed record ResultCounts
{
    public required int Completed { get; init; }

    public required int Failed { get; init; }
}
