using System.Collections.Concurrent;
using System.Diagnostics;
using System.Text.Json;
using AiFactory.Builder.Tests.Edges;
using AiFactory.Contracts.Builder.Agents;
using AiFactory.Contracts.Builder.Flows;
using AiFactory.Contracts.Builder.Runs;
using AiFactory.Contracts.Builder.Threads;
using AiFactory.ServiceDefaults.Postgres;
using AiFactory.Testing.Postgres;
using Microsoft.AspNetCore.Http;
using Microsoft.AspNetCore.Http.Features;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Logging;
using static AiFactory.Builder.Tests.Edges.Graphs;
using Base = AiFactory.Builder.Tests.Edges.Runs;

namespace AiFactory.Builder.Tests.Secrets;

/// <summary>Secrets by their names in addresses and bodies: services there are that take them nowhere else.</summary>
public sealed class SecretPlaceTests(PostgresFixture postgres)
{
    private const string Value = "s3cr3t/\"a + b\"";
    private const string InAddress = "s3cr3t%2F%22a%20%2B%20b%22";

    private static CancellationToken Token => TestContext.Current.CancellationToken;

    [Fact]
    public async Task A_step_sends_a_secret_in_its_address_and_its_body_and_nobody_reads_it()
    {
        var spans = new ConcurrentQueue<Activity>();
        using var listener = Listen(spans);
        using var log = new Logged();
        await using var server = await EchoAsync();
        await using var builder = await StartAsync(server);
        builder.Services.GetRequiredService<ILoggerFactory>().AddProvider(log);
        using var client = builder.Developer();
        const string place = "{{secret.github}}/orders?q={{text}}&key={{secret.github}}";
        const string body = """{"token":"{{secret.github}}","q":"{{text}}"}""";

        var run = await client.RunAsync(Calling($"{server.Address}{place}", body), "say {{secret.github}}");
        var failed = await client.RunAsync(Calling($"{server.Address}fails/{place}", body));
        var leads = await client.RunAsync(Calling($"{server.Address}leads/{place}", null));

        var (target, sent) = server.Sent[0];
        target.ShouldBe($"/{InAddress}/orders?q=say%20%7B%7Bsecret.github%7D%7D&key={InAddress}");
        var read = JsonSerializer.Deserialize<JsonElement>(sent);
        (read.GetProperty("token").GetString(), read.GetProperty("q").GetString()).ShouldBe((Value, "say {{secret.github}}"), "what comes in names no secret");
        run.State.ShouldBe(RunStates.Succeeded, run.Error);
        run.Text().ShouldNotBeNull().ShouldContain("/***/orders?q=");
        failed.Error.ShouldNotBeNull().ShouldContain("***");
        leads.Error.ShouldNotBeNull().ShouldContain("redirects");
        await NobodyReadsAsync(builder, spans, log);
    }

    [Fact]
    public async Task An_agents_tool_sends_a_secret_in_its_address()
    {
        var spans = new ConcurrentQueue<Activity>();
        using var listener = Listen(spans);
        using var log = new Logged();
        await using var server = await EchoAsync();
        await using var builder = await StartAsync(server);
        builder.Services.GetRequiredService<ILoggerFactory>().AddProvider(log);
        using var client = builder.Developer();
        var parameters = JsonSerializer.Deserialize<JsonElement>("""{"type":"object","properties":{"city":{"type":"string"}}}""");
        var url = $"{server.Address}{{city}}/{{{{secret.github}}}}?key={{{{ secret.github }}}}";
        await client.PostAsync<ToolRequest, ToolResponse>($"{Base.Base}/tools", new ToolRequest("ask", "Asks.", parameters, null, "GET", url, null, null));
        await client.PostAsync<AgentRequest, AgentResponse>($"{Base.Base}/agents", new AgentRequest("clerk", null, "demo-chat", "Ask.", null, ["ask"], null, null, null));
        ModelScript.Play(builder, ModelScript.Call(("ask", """{"city":"{{secret.github}}","more":"{{secret.github}}"}""")), "Done.");

        var thread = await client.PostAsync<ThreadRequest, ThreadResponse>($"{Base.Base}/threads", new ThreadRequest(null, "agent:clerk"));
        await client.EventsAsync($"{Base.Base}/threads/{thread.Id}/messages", new ThreadMessageRequest("Ask."));

        server.Sent.ShouldHaveSingleItem().Target.ShouldBe($"/%7B%7Bsecret.github%7D%7D/{InAddress}?key={InAddress}&more=%7B%7Bsecret.github%7D%7D");
        builder.Gateway.Seen.Last().Body["messages"]!.AsArray()[^1]!["content"]!.GetValue<string>().ShouldContain("/***?key=***"); // what the model was told
        await NobodyReadsAsync(builder, spans, log);
    }

    [Theory]
    [InlineData("https://{{secret.github}}/")]
    [InlineData("https://{{secret.github}}.example/x?q={{text}}")]
    [InlineData("https://a.example:{{secret.github}}/")]
    [InlineData("https://{{secret.github}}@a.example/")]
    [InlineData("{{secret.github}}://a.example/")]
    public async Task A_host_is_no_place_for_a_secret(string url)
    {
        await using var builder = await BuilderUnderTest.StartAsync(postgres);
        using var client = builder.Developer();

        var checkedGraph = await client.PostAsync<ValidationRequest, ValidationResponse>($"{Base.Base}/flows/validate", new ValidationRequest(Calling(url, null)));
        using var tool = await client.PostAsync($"{Base.Base}/tools", new ToolRequest("ask", "Asks.", null, null, "GET", url.Replace("{{text}}", "x"), null, null));

        checkedGraph.Problems.ShouldNotBeEmpty();
        ((int)tool.StatusCode).ShouldBe(400);
    }

    private static async Task NobodyReadsAsync(BuilderUnderTest builder, IEnumerable<Activity> spans, Logged log)
    {
        foreach (var table in (string[])["runs", "run_events", "step_claims", "flow_revisions", "thread_messages", "tools"])
        {
            var all = await builder.Services.GetRequiredService<Database>().FirstOrDefaultAsync<string>($"select string_agg(t::text, ' ') from {table} as t", null, Token);
            (all ?? "").ShouldNotContain("s3cr3t");
        }

        // The server of the test tells of what it was asked; whose it is may.
        spans.Where(span => span.Source.Name != "Microsoft.AspNetCore")
            .ShouldAllBe(span => !$"{span.DisplayName} {span.StatusDescription} {string.Join(' ', span.TagObjects.Select(tag => tag.Value))}".Contains("s3cr3t"));
        spans.ShouldContain(span => span.OperationName == "step http" || span.OperationName.StartsWith("execute_tool"));
        log.Lines.ShouldAllBe(line => !line.Contains("s3cr3t"));
    }

    private Task<BuilderUnderTest> StartAsync(EchoServer server) => BuilderUnderTest.StartAsync(
        postgres,
        ("Tools:AllowedHosts:0", server.Host), ("Builder:Secrets:github:Value", Value), ("Builder:Secrets:github:Hosts:0", server.Host),
        ("Builder:Secrets:github:Projects:0", "default"));

    private static FlowGraph Calling(string url, string? body) => Around(
        body is null
            ? Node("call", "http", ("url", url), ("retries", 0))
            : Node("call", "http", ("method", "POST"), ("url", url), ("retries", 0), ("body", body)),
        "in");

    private static async Task<EchoServer> EchoAsync()
    {
        var server = new EchoServer();
        await server.StartAsync();
        return server;
    }

    private static ActivityListener Listen(ConcurrentQueue<Activity> spans)
    {
        var listener = new ActivityListener
        {
            ShouldListenTo = _ => true,
            Sample = (ref ActivityCreationOptions<ActivityContext> _) => ActivitySamplingResult.AllDataAndRecorded,
            ActivityStopped = spans.Enqueue,
        };
        ActivitySource.AddActivityListener(listener);
        return listener;
    }

    /// <summary>Says back what it was asked, as it came, as JSON, as JSON in JSON, and with the small letters and the '+' of other escapers.</summary>
    private sealed class EchoServer : AiFactory.Testing.Edges.KestrelEdge
    {
        internal List<(string Target, string Body)> Sent { get; } = [];

        internal string Host => $"127.0.0.1:{Address.Port}";

        protected override async Task AnswerAsync(HttpContext context)
        {
            using var reader = new StreamReader(context.Request.Body);
            var body = await reader.ReadToEndAsync(context.RequestAborted);
            var target = context.Features.Get<IHttpRequestFeature>()!.RawTarget; // Kestrel always has it
            Sent.Add((target, body));
            context.Response.StatusCode = target.StartsWith("/fails") ? 400 : target.StartsWith("/leads") ? 302 : 200;
            context.Response.Headers.Location = target.StartsWith("/leads") ? $"http://localhost:{Address.Port}{target}" : default;
            var small = InAddress.Replace("%2F", "%2f").Replace("%2B", "%2b");
            var (once, twice) = (JsonSerializer.Serialize(body), JsonSerializer.Serialize(JsonSerializer.Serialize(body)));
            await context.Response.WriteAsync($"{once} {twice} {JsonSerializer.Serialize(JsonSerializer.Serialize(Value))} {System.Net.WebUtility.HtmlEncode(body)} {Uri.EscapeDataString(target)} ");
            await context.Response.WriteAsync($"{target} {body} {Value} {JsonSerializer.Serialize(target)} {JsonSerializer.Serialize(Value)} {small} {InAddress.Replace("%20", "+")}");
        }
    }
}
