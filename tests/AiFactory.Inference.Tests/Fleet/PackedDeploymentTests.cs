using System.Security.Cryptography;
using AiFactory.Contracts.Workers;
using AiFactory.Inference.Lifecycle;
using AiFactory.Inference.Tests.Worker;
using AiFactory.Inference.Weights;
using Microsoft.Extensions.DependencyInjection;

namespace AiFactory.Inference.Tests.Fleet;

/// <summary>Deployments that are served in fewer bits than they were ordered, without their source.</summary>
public sealed class PackedDeploymentTests(GeneratedModels models) : RestartTestBase
{
    private static CancellationToken Token => TestContext.Current.CancellationToken;

    private string Weights => Path.Combine(Worker.Directory, "cache", "sha256");

    [Fact]
    public async Task The_source_is_not_fetched_when_what_was_packed_of_it_is_here()
    {
        var assignment = Store();
        await Worker.AssignAsync(assignment);
        await RestartAsync(LoseSource);
        await ReadyAsync();
        Directory.GetFiles(Weights).ShouldHaveSingleItem();
    }

    [Theory]
    [InlineData(true)]
    [InlineData(false)]
    public async Task What_served_is_held_while_it_sleeps_and_is_used_when_it_wakes(bool digestIsKnown)
    {
        var assignment = Store();
        await Worker.AssignAsync(digestIsKnown ? assignment : assignment with { Digest = "", SizeBytes = 0, Task = "" });
        var power = Worker.Services.GetRequiredService<ModelPowers>().Of(assignment.DeploymentId);
        LoseSource();
        power.Sleep();
        await Library.WaitForAsync(heartbeat => heartbeat.Models is [{ State: WorkerModelStates.Sleeping }]);
        var packed = Directory.GetFiles(Weights).ShouldHaveSingleItem();
        FileLock.TryTake(packed, mustExist: true).ShouldBeNull();
        power.Wake();
        await ReadyAsync();
        Worker.Registry.Ready.ShouldHaveSingleItem().Assignment.Digest.ShouldBe(assignment.Digest);
    }

    private ModelAssignment Store() => Worker.Store(models.Endless, "packed", contextLength: 256, slots: 1) with { Quantization = "q8_0" };

    private Task<WorkerHeartbeat> ReadyAsync() => Library.WaitForAsync(heartbeat => heartbeat.Models is [{ State: WorkerModelStates.Ready }]);

    /// <summary>From the store and from the cache.</summary>
    private void LoseSource()
    {
        Directory.Delete(Path.Combine(Worker.Directory, "objects"), recursive: true);
        File.Delete(Path.Combine(Weights, $"{Convert.ToHexStringLower(SHA256.HashData(File.ReadAllBytes(models.Endless)))}.gguf"));
    }
}
