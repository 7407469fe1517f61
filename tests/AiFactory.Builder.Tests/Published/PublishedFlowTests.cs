using System.Net;
using System.Net.Http.Json;
using System.Text.Json;
using AiFactory.Builder.Tests.Edges;
using AiFactory.Contracts.Builder.Flows;
using AiFactory.Contracts.Builder.Runs;
using AiFactory.Contracts.Builder.Threads;
using AiFactory.Contracts.Library;
using AiFactory.ServiceDefaults.Identity;
using AiFactory.Testing.Postgres;
using Microsoft.AspNetCore.Http;

namespace AiFactory.Builder.Tests.Published;

/// <summary>A published flow as a client of OpenAI's protocol meets it, behind the gateway.</summary>
public sealed class PublishedFlowTests(PostgresFixture postgres)
{
    private const string Base = "/api/builder/projects/default";
    private const string Chat = "/v1/chat/completions";

    private static CancellationToken Token => TestContext.Current.CancellationToken;

    [Fact]
    public async Task A_chat_is_answered_with_the_runs_usage()
    {
        await using var builder = await BuilderUnderTest.StartAsync(postgres);
        using var client = await PublishedAsync(builder);

        using var response = await client.PostAsync(Chat, Request(stream: false));

        var answer = await response.ReadAsync<JsonElement>();
        answer.GetProperty("model").GetString().ShouldBe("flow/support");
        answer.GetProperty("choices")[0].GetProperty("message").GetProperty("content").GetString().ShouldBe("You said: Hello there");
        answer.GetProperty("choices")[0].GetProperty("finish_reason").GetString().ShouldBe("stop");
        answer.GetProperty("usage").GetProperty("total_tokens").GetInt32().ShouldBe(10);
        answer.GetProperty("system_fingerprint").GetString().ShouldBe("revision-2");
        var run = (await client.GetAsync<Page<RunSummary>>($"{Base}/runs")).Items.Single();
        answer.GetProperty("id").GetString().ShouldBe($"chatcmpl-{run.Id:N}");
        (run.Flow, run.State).ShouldBe(("helper", RunStates.Succeeded));
    }

    [Fact]
    public async Task A_chat_is_streamed_in_OpenAIs_form()
    {
        await using var builder = await BuilderUnderTest.StartAsync(postgres);
        using var client = await PublishedAsync(builder);

        var events = await client.EventsAsync(Chat, Request(stream: true));

        var chunks = events.Select(each => each.Data).ToList();
        chunks[0].GetProperty("choices")[0].GetProperty("delta").GetProperty("role").GetString().ShouldBe("assistant");
        string.Concat(chunks[1..^3].Select(Content)).ShouldBe("You said: Hello there");
        chunks[^3].GetProperty("choices")[0].GetProperty("finish_reason").GetString().ShouldBe("stop");
        chunks[^2].GetProperty("usage").GetProperty("completion_tokens").GetInt32().ShouldBe(3);
        chunks[^1].ValueKind.ShouldBe(JsonValueKind.Undefined);
    }

    [Fact]
    public async Task What_was_said_before_reaches_the_flow()
    {
        await using var builder = await BuilderUnderTest.StartAsync(postgres);
        using var client = await PublishedAsync(builder, inputPort: "messages", modelPort: "messages");

        await client.PostAsync(Chat, new
        {
            model = "flow/support",
            messages = new object[] { new { role = "user", content = "One" }, new { role = "assistant", content = "Two" }, new { role = "user", content = "Three" } },
        });

        builder.Gateway.Seen.Last().Body["messages"]!.AsArray().Select(message => message!["content"]!.GetValue<string>()).ShouldBe(["One", "Two", "Three"]);
    }

    [Theory]
    [InlineData(true)]
    [InlineData(false)]
    public async Task A_run_that_fails_is_an_error_with_an_honest_status(bool stream)
    {
        await using var builder = await BuilderUnderTest.StartAsync(postgres);
        using var client = await PublishedAsync(builder);
        builder.Gateway.Script = (context, _) =>
        {
            context.Response.StatusCode = 400;
            return context.Response.WriteAsJsonAsync(new { error = new { message = "Too long.", type = "invalid_request_error", param = (string?)null, code = "context_length_exceeded" } });
        };

        using var response = await client.PostAsync(Chat, Request(stream));

        ((int)response.StatusCode).ShouldBe(502);
        var error = (await response.Content.ReadFromJsonAsync<JsonElement>(Token)).GetProperty("error");
        error.GetProperty("code").GetString().ShouldBe("flow_failed");
        error.GetProperty("message").GetString().ShouldNotBeNull().ShouldContain("Too long.");
    }

    [Fact]
    public async Task A_client_that_leaves_cancels_the_run_and_its_model_call()
    {
        await using var builder = await BuilderUnderTest.StartAsync(postgres);
        using var client = await PublishedAsync(builder);
        var (arrived, stopped) = (new TaskCompletionSource(), new TaskCompletionSource());
        builder.Gateway.Script = async (context, _) =>
        {
            context.RequestAborted.Register(() => stopped.TrySetResult());
            arrived.TrySetResult();
            await Task.Delay(Timeout.Infinite, context.RequestAborted);
        };
        using var leave = CancellationTokenSource.CreateLinkedTokenSource(Token);

        var call = client.PostAsJsonAsync(Chat, Request(stream: true), leave.Token);
        await arrived.Task.WaitAsync(TimeSpan.FromSeconds(20), Token);
        await leave.CancelAsync();

        await Should.ThrowAsync<OperationCanceledException>(call);
        await stopped.Task.WaitAsync(TimeSpan.FromSeconds(20), Token);
        await client.UntilAsync<Page<RunSummary>>($"{Base}/runs", page => page.Items.Single().State == RunStates.Cancelled);
    }

    [Fact]
    public async Task Another_projects_flow_does_not_exist_and_cannot_be_named()
    {
        await using var builder = await BuilderUnderTest.StartAsync(postgres);
        using var client = await PublishedAsync(builder);
        using var other = builder.Developer("other");
        using var naming = builder.Developer("other");
        naming.DefaultRequestHeaders.Add("OpenAI-Project", "default");
        using var admin = builder.Client("user:admin", null, Roles.Admin);

        (await other.PostAsync(Chat, Request(stream: false))).StatusCode.ShouldBe(HttpStatusCode.NotFound);
        (await naming.PostAsync(Chat, Request(stream: false))).StatusCode.ShouldBe(HttpStatusCode.Forbidden);
        (await admin.PostAsync(Chat, Request(stream: false))).StatusCode.ShouldBe(HttpStatusCode.BadRequest);
        admin.DefaultRequestHeaders.Add("OpenAI-Project", "default");
        (await admin.PostAsync(Chat, Request(stream: false))).StatusCode.ShouldBe(HttpStatusCode.OK);
    }

    [Fact]
    public async Task Published_flows_are_models_until_they_are_withdrawn()
    {
        await using var builder = await BuilderUnderTest.StartAsync(postgres);
        using var client = await PublishedAsync(builder);

        var model = (await client.GetAsync<JsonElement>("/v1/models")).GetProperty("data")[0];
        await client.DeleteAsync(new Uri($"{Base}/published/support", UriKind.Relative), Token);
        using var gone = await client.PostAsync(Chat, Request(stream: false));

        (model.GetProperty("id").GetString(), model.GetProperty("owned_by").GetString()).ShouldBe(("flow/support", "default"));
        (await client.GetAsync<JsonElement>("/v1/models")).GetProperty("data").GetArrayLength().ShouldBe(0);
        (await gone.Content.ReadFromJsonAsync<JsonElement>(Token)).GetProperty("error").GetProperty("code").GetString().ShouldBe("model_not_found");
    }

    [Theory]
    [InlineData(null, 401)]
    [InlineData(Roles.Viewer, 403)]
    public async Task Who_may_not_use_models_may_not_use_flows_and_is_told_in_OpenAIs_words(string? role, int status)
    {
        await using var builder = await BuilderUnderTest.StartAsync(postgres);
        using var client = role is null ? builder.Anonymous() : builder.Client("user:vera", "default", role);

        using var response = await client.PostAsync(Chat, Request(stream: false));

        ((int)response.StatusCode).ShouldBe(status);
        (await response.Content.ReadFromJsonAsync<JsonElement>(Token)).GetProperty("error").GetProperty("message").GetString().ShouldNotBeNullOrEmpty();
    }

    [Fact]
    public async Task A_body_that_is_no_JSON_is_a_400_in_OpenAIs_words()
    {
        await using var builder = await BuilderUnderTest.StartAsync(postgres);
        using var client = builder.Developer();
        using var content = new StringContent("{\"model\":", System.Text.Encoding.UTF8, "application/json");

        using var response = await client.PostAsync(new Uri(Chat, UriKind.Relative), content, Token);

        response.StatusCode.ShouldBe(HttpStatusCode.BadRequest);
        (await response.Content.ReadFromJsonAsync<JsonElement>(Token)).GetProperty("error").GetProperty("type").GetString().ShouldBe("invalid_request_error");
    }

    [Fact]
    public async Task A_flow_answers_in_a_thread_with_its_steps_and_the_run()
    {
        await using var builder = await BuilderUnderTest.StartAsync(postgres);
        using var client = await PublishedAsync(builder);
        var thread = await client.PostAsync<ThreadRequest, ThreadResponse>($"{Base}/threads", new ThreadRequest(null, "flow:helper"));

        var events = await client.EventsAsync($"{Base}/threads/{thread.Id}/messages", new ThreadMessageRequest("Hello there"));

        string.Concat(events.Where(each => each.Type == ThreadEvents.Delta).Select(each => each.Data.GetProperty("text").GetString())).ShouldBe("You said: Hello there");
        events.Where(each => each.Type == ThreadEvents.Step).Select(each => $"{each.Data.GetProperty("node").GetString()} {each.Data.GetProperty("state").GetString()}")
            .ShouldBe(["input started", "input succeeded", "answer started", "answer succeeded", "output started", "output succeeded"], ignoreOrder: true);
        var message = events[^1].Data.GetProperty("message");
        var run = await client.GetAsync<RunResponse>($"{Base}/runs/{message.GetProperty("runId").GetGuid()}");
        run.ThreadId.ShouldBe(thread.Id);
    }

    private static object Request(bool stream) => new
    {
        model = "flow/support",
        messages = new[] { new { role = "user", content = "Hello there" } },
        stream,
        stream_options = stream ? new { include_usage = true } : null,
    };

    private static string? Content(JsonElement chunk) =>
        chunk.GetProperty("choices")[0].GetProperty("delta").TryGetProperty("content", out var content) ? content.GetString() : null;

    /// <summary>A developer's client, with the flow <c>helper</c> published as <c>support</c>: input, a model, output.</summary>
    private static async Task<HttpClient> PublishedAsync(BuilderUnderTest builder, string inputPort = "text", string modelPort = "prompt")
    {
        var client = builder.Developer();
        await client.PostAsync($"{Base}/flows", new FlowRequest("helper", "", "blank", null, null));
        var settings = new Dictionary<string, JsonElement> { ["model"] = JsonSerializer.SerializeToElement("demo-chat") };
        var graph = new FlowGraph(
            [
                new FlowNode("input", "input", null, 0, 0, null),
                new FlowNode("answer", "model", null, 200, 0, settings),
                new FlowNode("output", "output", null, 400, 0, null),
            ],
            [new FlowEdge("1", "input", inputPort, "answer", modelPort), new FlowEdge("2", "answer", "text", "output", "text")]);
        using var saved = await client.PutAsJsonAsync($"{Base}/flows/helper/graph", new GraphRequest(1, graph), Token);
        (await saved.ReadAsync<GraphSaved>()).Problems.ShouldBeEmpty();
        using var published = await client.PostAsync($"{Base}/flows/helper/publish", new PublishRequest("support", null));
        await published.ReadAsync<PublishedFlow>();
        return client;
    }
}
