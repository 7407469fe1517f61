using System.Text.Json;
using AiFactory.Builder.Execution;
using AiFactory.Builder.Tests.Edges;
using AiFactory.Contracts.Builder.Flows;
using AiFactory.Contracts.Builder.Runs;
using AiFactory.ServiceDefaults.Postgres;
using AiFactory.Testing.Postgres;
using Microsoft.Extensions.DependencyInjection;
using static AiFactory.Builder.Tests.Edges.Graphs;

namespace AiFactory.Builder.Tests.Runs;

/// <summary>One project's many runs are not every project's trouble. The builder under test only leads, so that its runs stay open.</summary>
public sealed class OpenRunTests(PostgresFixture postgres)
{
    private static readonly TimeSpan Long = TimeSpan.FromMinutes(1);

    private static CancellationToken Token => TestContext.Current.CancellationToken;

    [Fact]
    public async Task A_project_with_as_many_open_runs_as_it_may_have_is_told_to_wait_and_another_is_not()
    {
        await using var builder = await BuilderUnderTest.StartAsync(postgres, ("Builder:Role", "orchestrator"), ("Runs:OpenPerProject", "2"));
        await MakeFlowAsync(builder, "default");
        await MakeFlowAsync(builder, "red");

        var first = await StartAsync(builder, "default");
        await StartAsync(builder, "default");
        using var client = builder.Developer();
        using var third = await client.PostAsync("/api/builder/projects/default/flows/f/runs", Text);
        var other = await StartAsync(builder, "red");
        await client.PostAsync<object>($"/api/builder/projects/default/runs/{first.Id}/cancel", new { });
        await client.EndedRunAsync(first.Id);
        var again = await StartAsync(builder, "default");

        (await third.ProblemAsync()).ShouldBe((429, "The project 'default' has 2 runs that are queued or running, and may have no more: wait for some of them, or cancel them."));
        (other.State, again.State).ShouldBe((RunStates.Queued, RunStates.Queued));
    }

    [Fact]
    public async Task A_chat_with_a_flow_of_such_a_project_is_told_so_in_OpenAIs_words()
    {
        await using var builder = await BuilderUnderTest.StartAsync(postgres, ("Builder:Role", "orchestrator"), ("Runs:OpenPerProject", "1"));
        await MakeFlowAsync(builder, "default");
        using var client = builder.Developer();
        await client.PostAsync<PublishRequest, PublishedFlow>("/api/builder/projects/default/flows/f/publish", new PublishRequest("f", null));
        await StartAsync(builder, "default");

        using var refused = await client.PostAsync("/v1/chat/completions", new { model = "flow/f", messages = new[] { new { role = "user", content = "Hi" } } });

        ((int)refused.StatusCode).ShouldBe(429);
        var error = JsonSerializer.Deserialize<JsonElement>(await refused.Content.ReadAsStringAsync(Token)).GetProperty("error");
        (error.GetProperty("type").GetString(), error.GetProperty("code").GetString()).ShouldBe(("rate_limit_error", "too_many_runs"));
    }

    [Fact]
    public async Task Starts_at_the_same_moment_are_all_counted()
    {
        await using var builder = await BuilderUnderTest.StartAsync(postgres, ("Builder:Role", "orchestrator"), ("Runs:OpenPerProject", "3"));
        await MakeFlowAsync(builder, "default");
        using var client = builder.Developer();

        var answers = await Task.WhenAll(Enumerable.Range(0, 12).Select(_ => client.PostAsync("/api/builder/projects/default/flows/f/runs", Text)));

        answers.Count(answer => answer.IsSuccessStatusCode).ShouldBe(3);
    }

    [Fact]
    public async Task A_project_does_not_wait_behind_the_queue_of_another()
    {
        await using var builder = await BuilderUnderTest.StartAsync(postgres, ("Builder:Role", "orchestrator"));
        var claims = builder.Services.GetRequiredService<ClaimStore>();
        await MakeFlowAsync(builder, "default");
        await MakeFlowAsync(builder, "red");
        for (var i = 0; i < 12; i++)
        {
            await StartAsync(builder, "default");
        }

        var last = await StartAsync(builder, "red");
        await HandedOutAsync(builder, last.Id, "red");
        var first = await claims.ClaimAsync("one", Long, 4, 16, TimeProvider.System.GetUtcNow(), Token);
        var next = await StartAsync(builder, "red");
        await HandedOutAsync(builder, next.Id, "red");
        var second = await claims.ClaimAsync("one", Long, 1, 16, TimeProvider.System.GetUtcNow(), Token);

        first.Count(claim => claim.Project == "red").ShouldBe(1);
        first.Count.ShouldBe(4);
        second.ShouldHaveSingleItem().RunId.ShouldBe(next.Id, "three steps of 'default' run, and one of 'red'");
    }

    [Fact]
    public async Task An_executor_takes_no_more_steps_of_one_project_than_it_may_have_and_passes_over_those_that_another_takes()
    {
        await using var builder = await BuilderUnderTest.StartAsync(postgres, ("Builder:Role", "orchestrator"));
        var claims = builder.Services.GetRequiredService<ClaimStore>();
        await MakeFlowAsync(builder, "default");
        await MakeFlowAsync(builder, "red");
        var waiting = new List<RunResponse>();
        for (var i = 0; i < 7; i++)
        {
            waiting.Add(await StartAsync(builder, "default"));
            await HandedOutAsync(builder, waiting[i].Id, "default");
        }

        var red = await StartAsync(builder, "red");
        await HandedOutAsync(builder, red.Id, "red");

        await using var taking = await builder.Services.GetRequiredService<Database>().BeginAsync(Token);
        await taking.ExecuteAsync("select from runs where id = @id for update", new { id = waiting[0].Id }, Token);
        var first = await claims.ClaimAsync("one", Long, 8, 3, TimeProvider.System.GetUtcNow(), Token);
        var none = await claims.ClaimAsync("one", Long, 8, 3, TimeProvider.System.GetUtcNow(), Token);
        var other = await claims.ClaimAsync("two", Long, 8, 3, TimeProvider.System.GetUtcNow(), Token);

        first.Select(claim => claim.RunId).ShouldBe([red.Id, .. waiting[1..4].Select(run => run.Id)], ignoreOrder: true);
        none.ShouldBeEmpty();
        other.Select(claim => claim.RunId).ShouldBe(waiting[4..].Select(run => run.Id), ignoreOrder: true);
    }

    private static RunRequest Text => new(JsonSerializer.SerializeToElement(new { text = "x" }), null, null);

    private static async Task MakeFlowAsync(BuilderUnderTest builder, string project)
    {
        using var client = builder.Developer(project);
        var path = $"/api/builder/projects/{project}/flows";
        await client.PostAsync<FlowRequest, FlowResponse>(path, new FlowRequest("f", null, null, null, null));
        var graph = Of([Node("in", "input"), Node("out", "output")], "in.text > out.text");
        await client.PutAsync<GraphRequest, GraphSaved>($"{path}/f/graph", new GraphRequest(1, graph));
    }

    private static async Task<RunResponse> StartAsync(BuilderUnderTest builder, string project)
    {
        using var client = builder.Developer(project);
        return await client.PostAsync<RunRequest, RunResponse>($"/api/builder/projects/{project}/flows/f/runs", Text);
    }

    private static async Task HandedOutAsync(BuilderUnderTest builder, Guid run, string project)
    {
        using var client = builder.Developer(project);
        await client.UntilAsync<RunResponse>($"/api/builder/projects/{project}/runs/{run}", each => each.Steps?[0].State == StepStates.Ready);
    }
}
