using System.Text.Json;
using AiFactory.Contracts.Builder.Flows;
using AiFactory.Contracts.Builder.Runs;
using AiFactory.Testing.Factory;

namespace AiFactory.IntegrationTests.Faults;

/// <summary>One factory in the shape that a cluster has: on the owner's Postgres and bucket, its builder one process that leads, and executors.</summary>
[Collection(OwnFactories.Name)]
public sealed class ClusterShapeTests(ClusterShape shape) : IClassFixture<ClusterShape>
{
    private const string Builder = "api/builder/projects/default";

    /// <summary>"Embedded by default, real by configuration": two connection strings.</summary>
    [Fact]
    public async Task A_factory_serves_from_the_owners_Postgres_and_bucket_and_starts_none_of_its_own()
    {
        (await KilledProcessTests.ChatAnswersAsync(shape.Factory)).ShouldBeTrue();
        shape.Factory.Children().ShouldNotContain(child => child.CommandLine.Contains("postgres", StringComparison.Ordinal));
        Directory.Exists(Path.Combine(shape.Factory.Settings.DataFolder, "objects")).ShouldBeFalse();
    }

    [Fact]
    public async Task Each_role_is_killed_in_turn_and_runs_go_on()
    {
        using var client = new LibraryClient(shape.Factory);
        await client.PostAsync<FlowResponse>($"{Builder}/flows", new FlowRequest("echo", null, "blank", null, null));
        var processes = shape.Factory.Children().Select(child => (child.Id, Role: Role(child))).Where(child => child.Role is not null).ToList();

        await RunAsync(client);

        processes.Select(process => process.Role).Order().ShouldBe(["executor", "executor", "orchestrator"]);
        foreach (var (id, role) in processes)
        {
            Signals.Send(id, Signals.Kill);
            await RunAsync(client);
            await KilledProcessTests.EventuallyAsync(
                () => Task.FromResult(shape.Factory.Children().Count(child => child.Id != id && Role(child) == role) == processes.Count(process => process.Role == role)),
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
