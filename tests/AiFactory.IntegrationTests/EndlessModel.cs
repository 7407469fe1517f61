using AiFactory.Contracts.Library;
using AiFactory.ModelGenerator.Models;
using AiFactory.Testing.Factory;

namespace AiFactory.IntegrationTests;

/// <summary>A model of random weights that never ends its turn, brought in, approved and deployed like any other: for the tests in which a generation has to be running.</summary>
internal static class EndlessModel
{
    public const string Name = "endless";

    /// <summary>So many that a long answer takes seconds: what a test does while it runs has to come in time on a busy machine, too.</summary>
    private const int Layers = 32;

    public static async Task DeployAsync(FactoryProcess factory, string name = Name)
    {
        using var library = new LibraryClient(factory);
        var path = Path.Combine(factory.Settings.ModelsFolder, $"{name}.gguf");
        if (!File.Exists(path))
        {
            // Written beside it and renamed: a sync sees all of it or nothing.
            await using (var file = File.Create(path + ".partial"))
            {
                ChatModel.Create(new ChatModelOptions { EndOfTurnScale = 0.001f, Name = name, Layers = Layers }).WriteTo(file);
            }

            File.Move(path + ".partial", path);
            await library.SyncAsync();
            var waiting = await library.WaitForVersionAsync(name, ModelVersionStates.PendingApproval);
            await library.PostAsync<ModelVersionResponse>(LibraryClient.Project($"/versions/{waiting.Id}/approvals"), new ApprovalRequest("approve", "for the tests of streams"));
        }

        var version = await library.WaitForVersionAsync(name, ModelVersionStates.Approved);
        await library.DeployAsync(name, version.Id);
    }

    public static async Task UndeployAsync(FactoryProcess factory, string name = Name)
    {
        using var library = new LibraryClient(factory);
        await library.UndeployAsync(name);
    }
}
