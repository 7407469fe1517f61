using System.Text.Json;
using AiFactory.Builder.Tests.Edges;
using AiFactory.Contracts.Builder.Flows;
using AiFactory.Contracts.Builder.Threads;
using AiFactory.Testing.Postgres;
using Dapper;
using Npgsql;
using static AiFactory.Builder.Tests.Edges.Graphs;
using Base = AiFactory.Builder.Tests.Edges.Runs;

namespace AiFactory.Builder.Tests.Execution;

public sealed class StopTests(PostgresFixture postgres)
{
    private static CancellationToken Token => TestContext.Current.CancellationToken;

    /// <summary>Streams held the process for 30 s; then it was too late to give its steps back.</summary>
    [Fact]
    public async Task A_process_that_is_stopped_ends_its_streams_at_once_and_gives_its_steps_back()
    {
        var objects = Directory.CreateTempSubdirectory("aifactory-stop-");
        var connectionString = await postgres.CreateDatabaseAsync(Token);
        await using var gateway = await FakeGateway.StartedAsync();
        gateway.Script = async (context, _) =>
        {
            context.Response.ContentType = "text/event-stream";
            await FakeGateway.WriteAsync(context, new { id = "c", @object = "o", created = 1, model = "m", choices = new[] { new { index = 0, delta = new { content = "So far" } } } });
            await Task.Delay(Timeout.Infinite, context.RequestAborted).ContinueWith(_ => { }, TaskScheduler.Default);
        };
        await using var builder = new BuilderProcess("all", new Dictionary<string, string>
        {
            ["ConnectionStrings:builderdb"] = connectionString,
            ["ConnectionStrings:objects"] = $"Directory={objects.FullName}",
            ["services:gateway:http:0"] = gateway.Address.ToString(),
            ["Execution:Lease"] = "00:10:00",
        });
        builder.Start();
        await builder.ReadyAsync();
        await builder.Client.MakeFlowAsync("ask", Around(Node("m", "model", ("model", "demo-chat")), "prompt"));
        await builder.Client.PostAsync<PublishRequest, PublishedFlow>($"{Base.Base}/flows/ask/publish", new PublishRequest("ask", null));
        var thread = await builder.Client.PostAsync<ThreadRequest, ThreadResponse>($"{Base.Base}/threads", new ThreadRequest(null, "model:demo-chat"));

        // 1. A run that is followed, a chat with a flow, an answer in a thread: each has said something.
        var run = await builder.Client.StartRunAsync("ask", new { text = "Hello" });
        using var chat = await OpenAsync(builder.Client, "/v1/chat/completions", new { model = "flow/ask", stream = true, messages = new[] { new { role = "user", content = "Hi" } } });
        using var answer = await OpenAsync(builder.Client, $"{Base.Base}/threads/{thread.Id}/messages", new ThreadMessageRequest("Hi"));
        using var events = await OpenAsync<object>(builder.Client, $"{Base.Base}/runs/{run.Id}/events", null);
        foreach (var stream in (StreamReader[])[chat, answer])
        {
            while (!(await stream.ReadLineAsync(Token)).ShouldNotBeNull().Contains("So far"))
            {
            }
        }

        // 2. The end.
        var began = TimeProvider.System.GetTimestamp();
        (await builder.EndAsync()).ShouldBe(0);

        TimeProvider.System.GetElapsedTime(began).ShouldBeLessThan(TimeSpan.FromSeconds(15));
        (await chat.ReadToEndAsync(Token)).ShouldContain("\"stopping\"");
        (await answer.ReadToEndAsync(Token)).ShouldContain("\"stopping\"");
        (await events.ReadToEndAsync(Token)).ShouldContain("run.started");
        await using var database = NpgsqlDataSource.Create(connectionString);
        await using var connection = await database.OpenConnectionAsync(Token);
        (await connection.QueryAsync<string>("select state from step_claims where run_id = @Id and node = 'm'", new { run.Id })).ShouldBe(["ready"]);
        (await connection.QueryAsync<bool>("select cancel_requested from runs where id <> @Id", new { run.Id })).ShouldBe([true], "nobody waits for the chat's run");
        (await connection.QueryAsync<string>("select content from thread_messages where role = 'assistant'")).ShouldBe(["So far"]);
        objects.Delete(recursive: true);
    }

    private static async Task<StreamReader> OpenAsync<T>(HttpClient client, string path, T? body)
    {
        using var request = new HttpRequestMessage(body is null ? HttpMethod.Get : HttpMethod.Post, new Uri(path, UriKind.Relative));
        request.Content = body is null ? null : System.Net.Http.Json.JsonContent.Create(body);
        var response = await client.SendAsync(request, HttpCompletionOption.ResponseHeadersRead, Token);
        return new StreamReader(await response.Content.ReadAsStreamAsync(Token));
    }
}
