namespace AiFactory.Benchmarks.GatewayLoad.Doors;

/// <summary>A way to the upstream, and the process that is it.</summary>
internal sealed record Door(LoadTarget Target, DoorProcess Process) : IAsyncDisposable
{
    public Uri Address => new($"http://127.0.0.1:{Target.Port}");

    public ValueTask DisposeAsync() => Process.DisposeAsync();
}
