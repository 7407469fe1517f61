using System.Net;
using System.Net.Http.Json;
using System.Text.Json;
using AiFactory.Builder.Tests.Edges;
using AiFactory.Contracts.Builder.Runs;
using AiFactory.Contracts.Builder.Threads;
using AiFactory.Contracts.Library;
using AiFactory.ServiceDefaults.Identity;
using AiFactory.Testing.Postgres;
using Microsoft.AspNetCore.Http;
using RunPaths = AiFactory.Builder.Tests.Edges.Runs;

namespace AiFactory.Builder.Tests.Threads;

public sealed class ThreadTests(PostgresFixture postgres)
{
    private const string Base = "/api/builder/projects/default/threads";

    private static CancellationToken Token => TestContext.Current.CancellationToken;

    [Fact]
    public async Task A_thread_keeps_the_conversation_and_the_model_reads_it()
    {
        await using var builder = await BuilderUnderTest.StartAsync(postgres);
        using var client = builder.Developer();
        var thread = await CreateAsync(client, "model:demo-chat");

        var first = await AskAsync(client, thread.Id, "Hello there");
        await AskAsync(client, thread.Id, "And now?");

        string.Concat(first.Where(each => each.Type == ThreadEvents.Delta).Select(each => each.Data.GetProperty("text").GetString())).ShouldBe("You said: Hello there");
        first[^1].Type.ShouldBe(ThreadEvents.Done);
        var kept = await client.GetAsync<ThreadResponse>($"{Base}/{thread.Id}");
        kept.Title.ShouldBe("Hello there");
        kept.Messages!.Select(message => (message.Role, message.Content)).ShouldBe( // of one thread it is there
            [("user", "Hello there"), ("assistant", "You said: Hello there"), ("user", "And now?"), ("assistant", "You said: And now?")]);
        builder.Gateway.Seen.Last().Body["messages"]!.AsArray().Select(message => message!["content"]!.GetValue<string>())
            .ShouldBe(["Hello there", "You said: Hello there", "And now?"]);
        (await client.GetAsync<Page<ThreadResponse>>(Base)).Items.Single().Messages.ShouldBeNull();
    }

    [Fact]
    public async Task A_title_made_of_a_message_ends_with_a_whole_character()
    {
        await using var builder = await BuilderUnderTest.StartAsync(postgres);
        using var client = builder.Developer();
        var thread = await CreateAsync(client, "model:demo-chat");

        await AskAsync(client, thread.Id, $"{new string('x', 58)}💡💡");

        (await client.GetAsync<ThreadResponse>($"{Base}/{thread.Id}")).Title.ShouldBe($"{new string('x', 58)}…");
    }

    /// <summary>A character of another script counted as six, and the whole history was sent: such a thread could not be answered any more, for ever.</summary>
    [Fact]
    public async Task A_long_conversation_in_another_script_goes_on_and_its_oldest_messages_are_left_out()
    {
        await using var builder = await BuilderUnderTest.StartAsync(postgres);
        using var client = builder.Developer();
        await client.MakeFlowAsync("f", Graphs.Of([Graphs.Node("in", "input"), Graphs.Node("out", "output")], "in.text > out.text"));
        var thread = await CreateAsync(client, "flow:f");
        var last = Guid.Empty;
        foreach (var letter in "абв")
        {
            var events = await AskAsync(client, thread.Id, new string(letter, 32_000));
            events[^1].Type.ShouldBe(ThreadEvents.Done, events[^1].Data.GetRawText());
            last = events[^1].Data.GetProperty("message").GetProperty("runId").GetGuid();
        }

        var input = (await client.GetAsync<RunResponse>($"{RunPaths.Base}/runs/{last}")).Input;
        input.GetProperty("messages").EnumerateArray().Select(message => (message.GetProperty("role").GetString(), message.GetProperty("content").GetString()?[0]))
            .ShouldBe([("user", 'б'), ("assistant", 'б')]);
    }

    [Fact]
    public async Task An_answer_that_fails_is_a_problem_and_its_question_is_not_history()
    {
        await using var builder = await BuilderUnderTest.StartAsync(postgres);
        using var client = builder.Developer();
        var thread = await CreateAsync(client, "model:gone");
        builder.Gateway.Script = (context, _) =>
        {
            context.Response.StatusCode = 404;
            return context.Response.WriteAsync("""{"error":{"message":"The model 'gone' does not exist.","type":"invalid_request_error","param":"model","code":"model_not_found"}}""");
        };

        var failed = await AskAsync(client, thread.Id, "One");
        builder.Gateway.Script = null;
        await AskAsync(client, thread.Id, "Two");

        failed.Single().Type.ShouldBe(ThreadEvents.Failed);
        var problem = failed.Single().Data.GetProperty("problem");
        problem.GetProperty("detail").GetString().ShouldBe("The model 'gone' does not exist.");
        problem.GetProperty("code").GetString().ShouldBe("model_not_found");
        builder.Gateway.Seen.Last().Body["messages"]!.AsArray().Count.ShouldBe(1);
    }

    [Fact]
    public async Task A_thread_is_its_authors_alone()
    {
        await using var builder = await BuilderUnderTest.StartAsync(postgres);
        using var ada = builder.Developer();
        using var grace = builder.Client("user:grace", "default", Roles.Developer);
        var thread = await CreateAsync(ada, "model:demo-chat");

        (await grace.GetAsync(new Uri($"{Base}/{thread.Id}", UriKind.Relative), Token)).StatusCode.ShouldBe(HttpStatusCode.NotFound);
        (await grace.PostAsync($"{Base}/{thread.Id}/messages", new ThreadMessageRequest("Hi"))).StatusCode.ShouldBe(HttpStatusCode.NotFound);
        (await grace.DeleteAsync(new Uri($"{Base}/{thread.Id}", UriKind.Relative), Token)).StatusCode.ShouldBe(HttpStatusCode.NotFound);
        (await grace.GetAsync<Page<ThreadResponse>>(Base)).Items.ShouldBeEmpty();
        (await ada.DeleteAsync(new Uri($"{Base}/{thread.Id}", UriKind.Relative), Token)).StatusCode.ShouldBe(HttpStatusCode.NoContent);
    }

    /// <summary>The conversation is the input of the run, which the whole project could read.</summary>
    [Fact]
    public async Task The_runs_of_a_thread_are_its_authors_alone()
    {
        await using var builder = await BuilderUnderTest.StartAsync(postgres);
        using var ada = builder.Developer();
        using var grace = builder.Client("user:grace", "default", Roles.Developer);
        await ada.MakeFlowAsync("f", Graphs.Around(Graphs.Node("m", "model", ("model", "demo-chat")), "prompt"));
        var thread = await CreateAsync(ada, "flow:f");
        var run = (await AskAsync(ada, thread.Id, "A secret"))[^1].Data.GetProperty("message").GetProperty("runId").GetGuid();
        var path = $"{RunPaths.Base}/runs/{run}";

        (await ada.GetAsync<RunResponse>(path)).Text().ShouldBe("You said: A secret");
        (await ada.GetAsync<JsonElement>($"{RunPaths.Base}/runs")).GetProperty("items").GetArrayLength().ShouldBe(1);
        (await grace.GetAsync<JsonElement>($"{RunPaths.Base}/runs")).GetProperty("items").GetArrayLength().ShouldBe(0);
        foreach (var hidden in (string[])[path, $"{path}/events"])
        {
            (await grace.GetAsync(new Uri(hidden, UriKind.Relative), HttpCompletionOption.ResponseHeadersRead, Token)).StatusCode.ShouldBe(HttpStatusCode.NotFound);
        }

        (await grace.PostAsync<object>($"{path}/cancel", new { })).StatusCode.ShouldBe(HttpStatusCode.NotFound);
        using var into = await grace.PostAsync($"{RunPaths.Base}/flows/f/runs", new RunRequest(JsonSerializer.SerializeToElement(new { text = "x" }), null, thread.Id));
        (await into.ProblemAsync()).ShouldBe((404, $"There is no thread '{thread.Id}'."));
    }

    [Fact]
    public async Task Who_leaves_stops_the_model_and_finds_what_it_had_said()
    {
        await using var builder = await BuilderUnderTest.StartAsync(postgres);
        using var client = builder.Developer();
        var thread = await CreateAsync(client, "model:demo-chat");
        var stopped = new TaskCompletionSource();
        builder.Gateway.Script = async (context, _) =>
        {
            context.RequestAborted.Register(stopped.SetResult);
            context.Response.ContentType = "text/event-stream";
            await FakeGateway.WriteAsync(context, new { id = "c", @object = "chat.completion.chunk", created = 1, model = "m", choices = new[] { new { index = 0, delta = new { content = "So far" } } } });
            await Task.Delay(Timeout.Infinite, context.RequestAborted);
        };

        using (var request = new HttpRequestMessage(HttpMethod.Post, new Uri($"{Base}/{thread.Id}/messages", UriKind.Relative)))
        {
            request.Content = JsonContent.Create(new ThreadMessageRequest("Hi"));
            using var response = await client.SendAsync(request, HttpCompletionOption.ResponseHeadersRead, Token);
            using var reader = new StreamReader(await response.Content.ReadAsStreamAsync(Token));
            while (await reader.ReadLineAsync(Token) is { } line && !line.Contains("So far"))
            {
            }

            using var second = await client.PostAsync($"{Base}/{thread.Id}/messages", new ThreadMessageRequest("Again"));
            (await second.ProblemAsync()).ShouldBe((409, "The thread is answering another message: wait for it, or stop it."));
        }

        await stopped.Task.WaitAsync(TimeSpan.FromSeconds(20), Token);
        var kept = await client.UntilAsync<ThreadResponse>($"{Base}/{thread.Id}", each => each.Messages?.Count == 2);
        kept.Messages!.Select(message => message.Content).ShouldBe(["Hi", "So far"]); // of one thread it is there
        builder.Gateway.Script = null;
        (await AskAsync(client, thread.Id, "Go on"))[^1].Type.ShouldBe(ThreadEvents.Done);
    }

    [Theory]
    [InlineData("demo-chat")]
    [InlineData("model:")]
    [InlineData("shell:rm")]
    [InlineData(null)]
    public async Task A_target_that_nobody_is_is_refused(string? target)
    {
        await using var builder = await BuilderUnderTest.StartAsync(postgres);
        using var client = builder.Developer();

        using var response = await client.PostAsync(Base, new ThreadRequest(null, target));

        (await response.ProblemAsync()).ShouldBe((400, "Who answers is 'flow:<name>', 'agent:<name>' or 'model:<name>'."));
    }

    [Fact]
    public async Task An_agent_that_is_not_there_is_a_problem()
    {
        await using var builder = await BuilderUnderTest.StartAsync(postgres);
        using var client = builder.Developer();
        var thread = await CreateAsync(client, "agent:nobody");

        var events = await AskAsync(client, thread.Id, "Hello");

        events.Single().Data.GetProperty("problem").GetProperty("detail").GetString().ShouldBe("There is no agent 'nobody'.");
    }

    [Theory]
    [InlineData("")]
    [InlineData("   ")]
    [InlineData(null)]
    public async Task An_empty_message_is_refused(string? content)
    {
        await using var builder = await BuilderUnderTest.StartAsync(postgres);
        using var client = builder.Developer();
        var thread = await CreateAsync(client, "model:demo-chat");

        using var response = await client.PostAsync($"{Base}/{thread.Id}/messages", new ThreadMessageRequest(content));

        response.StatusCode.ShouldBe(HttpStatusCode.BadRequest);
    }

    private static Task<ThreadResponse> CreateAsync(HttpClient client, string target) =>
        client.PostAsync<ThreadRequest, ThreadResponse>(Base, new ThreadRequest(null, target));

    private static Task<IReadOnlyList<(string Type, System.Text.Json.JsonElement Data)>> AskAsync(HttpClient client, Guid thread, string content) =>
        client.EventsAsync($"{Base}/{thread}/messages", new ThreadMessageRequest(content));
}
