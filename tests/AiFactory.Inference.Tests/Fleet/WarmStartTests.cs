using AiFactory.Contracts.Workers;
using AiFactory.Inference.Tests.Worker;
using AiFactory.Inference.Weights;
using AiFactory.ModelGenerator.Gguf;
using Microsoft.Extensions.DependencyInjection;

namespace AiFactory.Inference.Tests.Fleet;

/// <summary>A worker's next start on a node that has the weights.</summary>
public sealed class WarmStartTests(GeneratedModels models) : RestartTestBase
{
    private static CancellationToken Token => TestContext.Current.CancellationToken;

    private VerifiedFiles Verified => Worker.Services.GetRequiredService<VerifiedFiles>();

    [Fact]
    public async Task Models_in_one_file_in_several_and_packed_ones_are_served_with_nothing_fetched_and_nothing_hashed()
    {
        var whole = Path.Combine(Worker.Directory, "split.gguf");
        File.Copy(models.Chat, whole);
        var parts = GgufSplitter.SplitFile(whole, 3).Select((path, index) => Worker.Store(path, $"part-{index}")).ToList();
        await Worker.AssignAsync(
            Worker.Store(models.Endless, "one"),
            parts[0] with
            {
                Deployment = "several",
                SizeBytes = parts.Sum(part => part.SizeBytes),
                Parts = [.. parts.Select(part => new ModelPart(part.ObjectKey, part.Digest, part.SizeBytes))],
            },
            Worker.Store(models.Endless, "packed", contextLength: 256, slots: 1) with { Quantization = "q8_0" });

        await RestartAsync(() => Directory.Delete(Path.Combine(Worker.Directory, "objects"), recursive: true));
        await Library.WaitForAsync(heartbeat => heartbeat.Models.Count == 3 && heartbeat.Models.All(model => model.State == WorkerModelStates.Ready));
        Verified.Hashed.ShouldBe(0);
    }

    [Fact]
    public async Task Weights_that_rotted_behind_their_mark_do_not_go_on_serving()
    {
        var assignment = Worker.Store(models.Endless, "m");
        await Worker.AssignAsync(assignment);
        var path = Worker.Registry.Ready.ShouldHaveSingleItem().Files[0].Path;
        var bytes = await File.ReadAllBytesAsync(path, Token);
        using (var file = File.OpenHandle(path, FileMode.Open, FileAccess.Write, FileShare.ReadWrite))
        {
            RandomAccess.Write(file, [(byte)(bytes[^1] ^ 1)], bytes.Length - 1);
        }

        // As if the disk had lost them: the file system noticed nothing.
        Verified.Note(path, assignment.Digest);
        await RestartAsync();
        // It serves because of the mark, and is hashed before a use when that has shown it.
        using var patience = CancellationTokenSource.CreateLinkedTokenSource(Token);
        patience.CancelAfter(TimeSpan.FromMinutes(1));
        while (Worker.Registry.NextChange is var changed && !(Verified.Hashed == 1 && Worker.Registry.Statuses is [{ State: WorkerModelStates.Ready }]))
        {
            await changed.WaitAsync(patience.Token);
        }

        (await File.ReadAllBytesAsync(path, Token)).ShouldBe(bytes);
    }
}
