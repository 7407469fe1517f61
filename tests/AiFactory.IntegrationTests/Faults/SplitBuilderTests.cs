using System.Text.Json;
using AiFactory.Contracts.Builder.Flows;
using AiFactory.Contracts.Builder.Runs;
using AiFactory.Testing.Factory;

namespace AiFactory.IntegrationTests.Faults;

/// <summary>The builder in the shape that a cluster has: one process that leads, and executors.</summary>
public sealed class SplitBuilderTests
{
    private const string Builder = "api/builder/projects/default";

    [Fact]
    public async Task Each_role_is_killed_in_turn_and_runs_go_on()
    {
        await using var settings = FactorySettings.Fresh() with { Extra = new Dictionary<string, string> { ["Builder__Executors"] = "2" } };
        await using var factory = await FactoryProcess.StartAsync(settings, TestContext.Current.CancellationToken);
        using var client = new LibraryClient(factory);
        await client.PostAsync<FlowResponse>($"{Builder}/flows", new FlowRequest("echo", null, "blank", null, null));
        var processes = factory.Children().Select(child => (child.Id, Role: Role(child))).Where(child => child.Role is not null).ToList();

        await RunAsync(client);

        processes.Select(process => process.Role).Order().ShouldBe(["executor", "executor", "orchestrator"]);
        foreach (var (id, role) in processes)
        {
            Signals.Send(id, Signals.Kill);
            await RunAsync(client);
            await KilledProcessTests.EventuallyAsync(
                () => Task.FromResult(factory.Children().Count(child => child.Id != id && Role(child) == role) == processes.Count(process => process.Role == role)),
                $"the {role} is started again");
        }
    }

    private static string? Role(ChildProcess process) => process.CommandLine.Contains("AiFactory.Builder", StringComparison.Ordinal) ? process.Environment("Builder__Role") : null;

    private static async Task RunAsync(LibraryClient client)
    {
        // While the process that serves is away, the start is refused and tried again.
        RunResponse? run = null;
        await KilledProcessTests.EventuallyAsync(
            async () =>
            {
                try
                {
                    run = await client.PostAsync<RunResponse>($"{Builder}/flows/echo/runs", new RunRequest(JsonSerializer.SerializeToElement(new { text = "Hello" }), null, null));
                    return true;
                }
                catch (Exception error) when (error is HttpRequestException or ShouldAssertException)
                {
                    return false;
                }
            },
            "a run is taken");
        var ended = await client.WaitAsync<RunResponse>($"{Builder}/runs/{run?.Id}", answer => answer.State is RunStates.Succeeded or RunStates.Failed);
        (ended.State, ended.Output?.GetProperty("text").GetString()).ShouldBe((RunStates.Succeeded, "Hello"), ended.Error);
    }
}
