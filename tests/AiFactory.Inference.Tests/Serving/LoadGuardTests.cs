using AiFactory.Inference.Fleet;
using AiFactory.Inference.Serving;
using AiFactory.Inference.Weights;
using Microsoft.Extensions.Hosting.Internal;
using Microsoft.Extensions.Logging.Abstractions;
using Microsoft.Extensions.Options;

namespace AiFactory.Inference.Tests.Serving;

public sealed class LoadGuardTests : IDisposable
{
    private readonly string _directory = Directory.CreateTempSubdirectory("aifactory-guard-").FullName;

    private static CancellationToken Token => TestContext.Current.CancellationToken;

    public void Dispose() => Directory.Delete(_directory, recursive: true);

    [Fact]
    public async Task Models_load_while_another_is_packed_and_both_are_marked()
    {
        using var guard = new LoadGuard(
            Options.Create(new WeightsOptions { Directory = _directory }), Options.Create(new WorkerOptions()), TimeProvider.System, new ApplicationLifetime(NullLogger<ApplicationLifetime>.Instance), NullLogger<LoadGuard>.Instance);
        using var done = new ManualResetEventSlim();
        var packing = guard.PackAsync($"sha256:{new string('a', 64)}", () => done.Wait(Token), Token);
        var marked = await guard.RunAsync($"sha256:{new string('b', 64)}", () => Directory.GetFiles(Path.Combine(_directory, "loading")).Select(path => Path.GetFileName(path)[0]).Order().ToList(), Token)
            .WaitAsync(TimeSpan.FromSeconds(30), Token);
        marked.ShouldBe(['a', 'b']);
        packing.IsCompleted.ShouldBeFalse();
        done.Set();
        await packing;
        Directory.GetFiles(Path.Combine(_directory, "loading")).ShouldBeEmpty();
    }
}
