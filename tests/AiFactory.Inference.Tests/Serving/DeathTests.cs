using System.Security.Cryptography;
using AiFactory.Contracts.Workers;
using AiFactory.Inference.Tests.Worker;

namespace AiFactory.Inference.Tests.Serving;

/// <summary>llama.cpp ends the process while it serves.</summary>
public sealed class DeathTests(GeneratedModels models)
{
    private static CancellationToken Token => TestContext.Current.CancellationToken;

    [Fact]
    public async Task A_model_that_ended_the_process_while_it_served_rests_and_the_others_come_back()
    {
        var directory = Directory.CreateTempSubdirectory("aifactory-death-").FullName;
        var digest = $"sha256:{Convert.ToHexStringLower(SHA256.HashData(await File.ReadAllBytesAsync(models.Endless, Token)))}";

        // A batch larger than the context was made for, past our own check: an assertion of llama.cpp's fails, and it aborts.
        using (var probe = ProbeProcess.Start("death", models.Endless, Path.Combine(directory, "cache"), digest))
        {
            await probe.ReadToEndAsync(Token);
            probe.ExitCode.ShouldBe(134);
        }

        var library = await FakeLibrary.StartAsync();
        await using var worker = await WorkerProcess.StartAsync(library, directory);
        var (good, deadly) = (worker.Store(models.Chat, "good"), worker.Store(models.Endless, "deadly"));
        deadly.Digest.ShouldBe(digest);
        library.Assignments = [good, deadly];
        var heartbeat = await library.WaitForAsync(next => next.Models.Any(model => model.State == WorkerModelStates.Failed) && next.Models.Any(model => model.State == WorkerModelStates.Ready));
        heartbeat.Models.Single(model => model.State == WorkerModelStates.Ready).DeploymentId.ShouldBe(good.DeploymentId);
        var message = heartbeat.Models.Single(model => model.State == WorkerModelStates.Failed).Message.ShouldNotBeNull();
        message.ShouldStartWith("The worker died while it served these weights");
        message.ShouldContain("GGML_ASSERT");
        await library.DisposeAsync();
    }
}
