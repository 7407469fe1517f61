using System.Security.Cryptography;
using AiFactory.Contracts.Workers;
using AiFactory.Inference.Lifecycle;
using AiFactory.Inference.Tests.Worker;
using AiFactory.Inference.Weights;
using Microsoft.Extensions.DependencyInjection;

namespace AiFactory.Inference.Tests.Fleet;

/// <summary>Deployments that are served in fewer bits than they were ordered, without their source.</summary>
public sealed class PackedDeploymentTests(GeneratedModels models) : IAsyncLifetime
{
    private FakeLibrary _library = null!; // Set before any test runs.
    private WorkerProcess _worker = null!; // Likewise.

    private static CancellationToken Token => TestContext.Current.CancellationToken;

    private string Weights => Path.Combine(_worker.Directory, "cache", "sha256");

    public async ValueTask InitializeAsync()
    {
        _library = await FakeLibrary.StartAsync();
        _worker = await WorkerProcess.StartAsync(_library);
    }

    public async ValueTask DisposeAsync()
    {
        await _worker.DisposeAsync();
        await _library.DisposeAsync();
        Directory.Delete(_worker.Directory, recursive: true);
    }

    [Fact]
    public async Task The_source_is_not_fetched_when_what_was_packed_of_it_is_here()
    {
        var assignment = Store();
        await _worker.AssignAsync(assignment);
        await _worker.DisposeAsync();
        LoseSource();

        _library.Heartbeats.Clear();
        _worker = await WorkerProcess.StartAsync(_library, _worker.Directory);
        await ReadyAsync();
        Directory.GetFiles(Weights).ShouldHaveSingleItem();
    }

    [Theory]
    [InlineData(true)]
    [InlineData(false)]
    public async Task What_served_is_held_while_it_sleeps_and_is_used_when_it_wakes(bool digestIsKnown)
    {
        var assignment = Store();
        await _worker.AssignAsync(digestIsKnown ? assignment : assignment with { Digest = "", SizeBytes = 0, Task = "" });
        var power = _worker.Services.GetRequiredService<ModelPowers>().Of(assignment.DeploymentId);
        LoseSource();
        power.Sleep();
        await _library.WaitForAsync(heartbeat => heartbeat.Models is [{ State: WorkerModelStates.Sleeping }]);
        var packed = Directory.GetFiles(Weights).ShouldHaveSingleItem();
        FileLock.TryTake(packed, mustExist: true).ShouldBeNull();
        power.Wake();
        await ReadyAsync();
        _worker.Registry.Ready.ShouldHaveSingleItem().Assignment.Digest.ShouldBe(assignment.Digest);
    }

    private ModelAssignment Store() => _worker.Store(models.Endless, "packed", contextLength: 256, slots: 1) with { Quantization = "q8_0" };

    private Task<WorkerHeartbeat> ReadyAsync() => _library.WaitForAsync(heartbeat => heartbeat.Models is [{ State: WorkerModelStates.Ready }]);

    /// <summary>From the store and from the cache.</summary>
    private void LoseSource()
    {
        Directory.Delete(Path.Combine(_worker.Directory, "objects"), recursive: true);
        File.Delete(Path.Combine(Weights, $"{Convert.ToHexStringLower(SHA256.HashData(File.ReadAllBytes(models.Endless)))}.gguf"));
    }
}
