using System.Net;
using System.Net.Http.Json;
using AiFactory.Contracts.Library;
using AiFactory.Testing.Factory;

namespace AiFactory.IntegrationTests.Faults;

/// <summary>Whatever one process is killed, it comes back, nothing is lost, and the gateway serves again.</summary>
[Collection(SharedFactory.Name)]
public sealed class KilledProcessTests(FactoryFixture fixture)
{
    private FactoryProcess Factory => fixture.Factory;

    [Theory]
    [InlineData("AiFactory.Gateway")]
    [InlineData("AiFactory.ModelLibrary")]
    [InlineData("AiFactory.Inference")]
    [InlineData("AiFactory.Builder")]
    [InlineData("bin/postgres")]
    [InlineData("aspire-managed")]
    [InlineData("vite.js")]
    public async Task A_killed_process_comes_back_with_its_state(string commandLinePart)
    {
        using var library = new LibraryClient(Factory);
        var before = await library.GetAsync<Page<ModelResponse>>(LibraryClient.Project("/models"));
        // In a fresh clone the console's packages are still being installed when the models are served already.
        await EventuallyAsync(() => Task.FromResult(Factory.Children().Any(child => child.CommandLine.Contains(commandLinePart, StringComparison.Ordinal))), $"{commandLinePart} runs");
        var killed = Factory.Child(commandLinePart);

        Signals.Send(killed.Id, Signals.Kill);

        await EventuallyAsync(() => Task.FromResult(Factory.Children().Any(child => child.Id != killed.Id && !IsEngine(child) && child.CommandLine.Contains(commandLinePart, StringComparison.Ordinal))), $"{commandLinePart} is started again");
        await EventuallyAsync(() => ChatAnswersAsync(Factory), "the gateway serves");
        var after = await library.WaitAsync<Page<ModelResponse>>(LibraryClient.Project("/models"), page => page.Items.Count == before.Items.Count);
        after.Items.Select(model => model.Versions[0].Id).ShouldBe(before.Items.Select(model => model.Versions[0].Id));
    }

    [Fact]
    public async Task Chat_answers_while_the_library_is_held_down()
    {
        var library = Factory.Child("AiFactory.ModelLibrary");
        Signals.Send(library.Id, Signals.Stop); // a stopped process is worse than a dead one: its port still accepts
        try
        {
            for (var round = 0; round < 20; round++)
            {
                (await ChatAnswersAsync(Factory)).ShouldBeTrue();
                await Task.Delay(500, TestContext.Current.CancellationToken);
            }
        }
        finally
        {
            Signals.Send(library.Id, Signals.Continue);
        }

        using var client = new LibraryClient(Factory);
        await client.WaitAsync<DeploymentResponse>(LibraryClient.Project("/deployments/demo-chat"), deployment => deployment.Phase == DeploymentPhases.Ready);
    }

    /// <summary>The process of one model, which its worker starts.</summary>
    internal static bool IsEngine(ChildProcess process) => process.CommandLine.Contains("AiFactory.Inference", StringComparison.Ordinal) && process.CommandLine.EndsWith(" engine", StringComparison.Ordinal);

    internal static async Task<bool> ChatAnswersAsync(FactoryProcess factory)
    {
        using var client = factory.CreateClient();
        try
        {
            using var response = await client.PostAsJsonAsync("v1/chat/completions", Governance.RefusedModelTests.Chat("demo-chat"), TestContext.Current.CancellationToken);
            return response.StatusCode == HttpStatusCode.OK;
        }
        catch (HttpRequestException)
        {
            return false;
        }
    }

    internal static async Task EventuallyAsync(Func<Task<bool>> condition, string what)
    {
        var began = TimeProvider.System.GetTimestamp();
        while (!await condition())
        {
            TimeProvider.System.GetElapsedTime(began).ShouldBeLessThan(LibraryClient.Patience, $"not within the time: {what}");
            await Task.Delay(100, TestContext.Current.CancellationToken);
        }
    }
}
