using System.Text.Json;
using AiFactory.Builder.Execution;
using AiFactory.Builder.Tests.Edges;
using AiFactory.Contracts.Builder.Flows;
using AiFactory.Contracts.Builder.Runs;
using AiFactory.ServiceDefaults.Postgres;
using AiFactory.Testing.Postgres;
using Microsoft.AspNetCore.Http;
using Microsoft.Extensions.DependencyInjection;
using static AiFactory.Builder.Tests.Edges.Graphs;

namespace AiFactory.Builder.Tests.Execution;

/// <summary>An executor's slots are not one project's, however long its steps take.</summary>
public sealed class SlotTests(PostgresFixture postgres)
{
    private static readonly RunRequest Text = new(JsonSerializer.SerializeToElement(new { text = "x" }), null, null);

    private static CancellationToken Token => TestContext.Current.CancellationToken;

    /// <summary>Steps that waited for a service that hangs kept every slot for minutes.</summary>
    [Fact]
    public async Task A_project_whose_steps_hang_leaves_slots_to_another()
    {
        var released = new TaskCompletionSource();
        await using var tool = await ToolServer.StartedAsync();
        tool.Script = async context =>
        {
            await released.Task.WaitAsync(context.RequestAborted);
            await context.Response.WriteAsync("late");
        };
        await using var builder = await BuilderUnderTest.StartAsync(postgres, ("Tools:AllowedHosts:0", tool.Host), ("Execution:Concurrency", "4"));
        await MakeFlowAsync(builder, "default", Around(Node("call", "http", ("url", tool.Address.ToString()), ("timeoutSeconds", 120)), "in"));
        await MakeFlowAsync(builder, "red", Of([Node("in", "input"), Node("out", "output")], "in.text > out.text"));

        // 1. Of six runs whose calls hang, as many as may.
        var hanging = new List<RunResponse>();
        for (var i = 0; i < 6; i++)
        {
            hanging.Add(await StartAsync(builder, "default"));
        }

        await UntilAsync(builder, "select count(*) >= 3 from step_claims where node = 'call' and state = 'running'");

        // 2. Another project is served meanwhile.
        using var red = builder.Developer("red");
        var run = await StartAsync(builder, "red");
        await red.UntilAsync<RunResponse>($"/api/builder/projects/red/runs/{run.Id}", each => each.State == RunStates.Succeeded);
        tool.Requests.Count.ShouldBe(3, "three quarters of four slots");

        // 3. The rest has its turn when the first are done.
        released.SetResult();
        using var client = builder.Developer();
        foreach (var each in hanging)
        {
            (await client.EndedRunAsync(each.Id)).State.ShouldBe(RunStates.Succeeded);
        }
    }

    [Theory]
    [InlineData(16, null, 12)]
    [InlineData(1, null, 1)]
    [InlineData(16, 4, 4)]
    public void A_project_has_three_quarters_of_the_slots_unless_it_is_said_otherwise(int slots, int? said, int most) =>
        new ExecutionOptions { Concurrency = slots, SlotsPerProject = said }.MostOfOneProject.ShouldBe(most);

    private static async Task MakeFlowAsync(BuilderUnderTest builder, string project, FlowGraph graph)
    {
        using var client = builder.Developer(project);
        var path = $"/api/builder/projects/{project}/flows";
        await client.PostAsync<FlowRequest, FlowResponse>(path, new FlowRequest("f", null, null, null, null));
        await client.PutAsync<GraphRequest, GraphSaved>($"{path}/f/graph", new GraphRequest(1, graph));
    }

    private static async Task<RunResponse> StartAsync(BuilderUnderTest builder, string project)
    {
        using var client = builder.Developer(project);
        return await client.PostAsync<RunRequest, RunResponse>($"/api/builder/projects/{project}/flows/f/runs", Text);
    }

    private static async Task UntilAsync(BuilderUnderTest builder, string sql)
    {
        var database = builder.Services.GetRequiredService<Database>();
        var began = TimeProvider.System.GetTimestamp();
        while (!await database.FirstOrDefaultAsync<bool>(sql, null, Token))
        {
            TimeProvider.System.GetElapsedTime(began).ShouldBeLessThan(TimeSpan.FromSeconds(30), sql);
            await Task.Delay(50, Token);
        }
    }
}
