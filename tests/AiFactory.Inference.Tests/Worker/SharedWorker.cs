namespace AiFactory.Inference.Tests.Worker;

/// <summary>The tests that ask one worker and leave it as they found it. Those that count what it counts have one of their own.</summary>
[CollectionDefinition(Name)]
public sealed class SharedWorker : ICollectionFixture<WorkerFixture>
{
    public const string Name = "a worker with the generated models";
}
