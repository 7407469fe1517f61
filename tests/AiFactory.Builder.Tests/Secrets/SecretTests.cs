using System.Text.Json;
using AiFactory.Builder.Secrets;
using AiFactory.Builder.Tests.Edges;
using AiFactory.Contracts.Builder.Agents;
using AiFactory.Contracts.Builder.Flows;
using AiFactory.Contracts.Builder.Runs;
using AiFactory.Contracts.Builder.Threads;
using AiFactory.ServiceDefaults.Identity;
using AiFactory.ServiceDefaults.Postgres;
using AiFactory.Testing.Postgres;
using Microsoft.AspNetCore.Http;
using Microsoft.Extensions.DependencyInjection;
using static AiFactory.Builder.Tests.Edges.Graphs;
using Base = AiFactory.Builder.Tests.Edges.Runs;

namespace AiFactory.Builder.Tests.Secrets;

public sealed class SecretTests(PostgresFixture postgres)
{
    private const string Value = "s3cr3t/\"value\"";

    private static CancellationToken Token => TestContext.Current.CancellationToken;

    /// <summary>A header of an HTTP step lay in the graph in clear text, and every viewer could read it.</summary>
    [Theory]
    [InlineData("""{"Authorization":"Bearer abc"}""")]
    [InlineData("""{"accept":"*/*","x-api-key":"abc"}""")]
    [InlineData("""{"Cookie":"session=abc"}""")]
    [InlineData("""{"x-more":"Bearer abc"}""")]
    [InlineData("""{"Authorization":"Bearer abc{{secret.github}}"}""")]
    [InlineData("""{"authorization":"{{secret.github}}","Authorization":"abc"}""")]
    [InlineData("""{"Authorization":{"a":"abc"}}""")]
    [InlineData("\"Authorization: Bearer abc\"")]
    [InlineData("\"x-more: Bearer abc\"")]
    [InlineData("\"{\\\"x-key\\\":\\\"abc\\\"\"")]
    [InlineData("""[{"name":"x-key","value":"abc"}]""")]
    [InlineData("""[{"name":"accept","value":"*/*"},{"key":"x-key","value":"abc"}]""")]
    [InlineData("""[["x-key","abc"]]""")]
    [InlineData("""["accept: */*","x-key: abc"]""")]
    [InlineData("""[{"x-key":"abc"}]""")]
    [InlineData("""{"x-more":{"Authorization":"abc"}}""")]
    [InlineData("""{"name":"x-key","value":"abc"}""")]
    [InlineData("\"[{\\\"name\\\":\\\"x-key\\\",\\\"value\\\":\\\"abc\\\"}]\"")]
    public async Task A_header_that_holds_a_secret_is_not_even_kept_in_a_draft(string headers)
    {
        await using var builder = await BuilderUnderTest.StartAsync(postgres);
        using var client = builder.Developer();
        await client.PostAsync<FlowRequest, FlowResponse>($"{Base.Base}/flows", new FlowRequest("f", null, null, null, null));
        using var content = System.Net.Http.Json.JsonContent.Create(new GraphRequest(1, Calling("https://api.example.com/", headers)));

        using var refused = await client.PutAsync(new Uri($"{Base.Base}/flows/f/graph", UriKind.Relative), content, Token);

        var (status, detail) = await refused.ProblemAsync();
        status.ShouldBe(400);
        detail.ShouldContain("{{secret.");
        (await client.GetAsync<FlowResponse>($"{Base.Base}/flows/f")).Revision.ShouldBe(1);
    }

    /// <summary>Where the same rule finds nothing a draft is kept, in whatever form.</summary>
    [Theory]
    [InlineData("""[{"name":"Authorization","value":"Bearer {{secret.github}}"},{"name":"accept","value":"token"}]""")]
    [InlineData("\"[{\\\"name\\\":\\\"accept\\\",\\\"value\\\":\\\"*/*\\\"}]\"")]
    [InlineData("\"x-key: {{secret.github}}\"")]
    public async Task Headers_that_name_a_secret_are_kept_in_a_draft_in_any_form(string headers)
    {
        await using var builder = await BuilderUnderTest.StartAsync(postgres);
        using var client = builder.Developer();
        await client.PostAsync<FlowRequest, FlowResponse>($"{Base.Base}/flows", new FlowRequest("f", null, null, null, null));

        var saved = await client.PutAsync<GraphRequest, GraphSaved>($"{Base.Base}/flows/f/graph", new GraphRequest(1, Calling("https://api.example.com/", headers)));

        saved.Problems.ShouldHaveSingleItem().Message.ShouldContain("Headers are a JSON object of texts.");
    }

    [Theory]
    [InlineData("https://a.example/?q=1&api_key=abc", true)]
    [InlineData("https://a.example/?%61pi-key=abc", true)]
    [InlineData("https://a.example/{{text}}?key=abc{{text}}", true)]
    [InlineData("https://a.example/#access_token=abc", true)]
    [InlineData("https://a.example/?key={{text}}&token={token}", false)]
    [InlineData("https://a.example/?max_tokens=100&sort_key=name&token=&tokenize=true", false)]
    [InlineData("https://a.example/token/key=abc", false)]
    public void An_address_does_not_hold_a_secret_either(string url, bool holds) => (SecretReferences.AddressComplaint(url) is not null).ShouldBe(holds);

    /// <summary>A revision is kept for ever, and some are from before they were looked at.</summary>
    [Theory]
    [InlineData("https://a.example/?api_key=abc", """{"accept":"*/*"}""")]
    [InlineData("https://ada:abc@a.example/", "{}")]
    [InlineData("https://a.example/", """{"Authorization":"Bearer abc"}""")]
    [InlineData("https://a.example/", "\"Authorization: Bearer abc\"")]
    [InlineData("https://a.example/", """[{"name":"x-key","value":"abc"}]""")]
    public async Task A_secret_in_an_old_revision_is_not_shown(string url, string headers)
    {
        await using var builder = await BuilderUnderTest.StartAsync(postgres);
        using var client = builder.Developer();
        await client.MakeFlowAsync("f", Calling("https://api.example.com/", "{}"));
        await builder.Services.GetRequiredService<Database>().ExecuteAsync(
            """
            insert into flow_revisions (flow_id, revision, graph, created_by, created_at) select id, 99, @graph::jsonb, 'user:ada', now() from flows;
            update flows set revision = 99
            """,
            new { graph = JsonSerializer.Serialize(Calling(url, headers), JsonSerializerOptions.Web) },
            Token);

        var flow = await client.GetAsync<FlowResponse>($"{Base.Base}/flows/f");
        var revision = await client.GetAsync<FlowRevisionResponse>($"{Base.Base}/flows/f/revisions/{flow.Revision}");

        foreach (var graph in (FlowGraph?[])[flow.Graph, revision.Graph])
        {
            var shown = JsonSerializer.Serialize(graph, JsonSerializerOptions.Web);
            shown.ShouldNotContain("abc");
            shown.ShouldContain("***");
            shown.Contains("Authorization", StringComparison.Ordinal).ShouldBe(headers[0] == '{' && headers.Contains("Authorization", StringComparison.Ordinal));
        }
    }

    /// <summary>An agent's tool sent the reference as it stands, so that real secrets were put into the tools.</summary>
    [Fact]
    public async Task An_agents_tool_sends_a_secret_by_its_name_and_the_model_does_not_read_it()
    {
        await using var server = await ToolServer.StartedAsync();
        await using var builder = await StartAsync(server, "default");
        using var client = builder.Developer();
        string? sent = null;
        server.Script = context => context.Response.WriteAsync($"You sent {sent = context.Request.Headers.Authorization}.");
        var headers = new Dictionary<string, string> { ["Authorization"] = "Bearer {{secret.github}}" };
        await client.PostAsync<ToolRequest, ToolResponse>($"{Base.Base}/tools", new ToolRequest("ask", "Asks.", null, null, "GET", server.Address.ToString(), headers, null));
        await client.PostAsync<AgentRequest, AgentResponse>($"{Base.Base}/agents", new AgentRequest("clerk", null, "demo-chat", "Ask.", null, ["ask"], null, null, null));
        ModelScript.Play(builder, ModelScript.Call(("ask", "{}")), "Done.");

        var thread = await client.PostAsync<ThreadRequest, ThreadResponse>($"{Base.Base}/threads", new ThreadRequest(null, "agent:clerk"));
        await client.EventsAsync($"{Base.Base}/threads/{thread.Id}/messages", new ThreadMessageRequest("Ask."));

        sent.ShouldBe($"Bearer {Value}");
        builder.Gateway.Seen.Last().Body["messages"]!.AsArray()[^1]!["content"]!.GetValue<string>().ShouldBe("You sent Bearer ***."); // what the model was told
    }

    [Theory]
    [InlineData("https://a.example/", "authorization", "Bearer abc", "headers")]
    [InlineData("https://a.example/", "x-key", "abc", "headers")]
    [InlineData("https://a.example/", "x-key", "***", "headers")]
    [InlineData("https://a.example/", "x-key", "{{secret.}}", "headers")]
    [InlineData("https://a.example/?api_key=abc", "accept", "*/*", "url")]
    public async Task A_tool_that_holds_a_secret_is_not_kept(string url, string header, string value, string field)
    {
        await using var builder = await BuilderUnderTest.StartAsync(postgres);
        using var client = builder.Developer();

        using var refused = await client.PostAsync($"{Base.Base}/tools", new ToolRequest("ask", "Asks.", null, null, "GET", url, new Dictionary<string, string> { [header] = value }, null));

        ((int)refused.StatusCode).ShouldBe(400);
        (await refused.Content.ReadAsStringAsync(Token)).ShouldContain($"\"{field}\":[");
    }

    [Fact]
    public async Task A_secret_is_sent_by_its_name_and_is_nowhere_to_be_read()
    {
        await using var tool = await ToolServer.StartedAsync();
        await using var builder = await StartAsync(tool, "default");
        using var client = builder.Developer();
        string? sent = null;
        tool.Script = context =>
        {
            sent = context.Request.Headers.Authorization;
            context.Response.StatusCode = context.Request.Path == "/fails" ? 400 : 200;
            return context.Response.WriteAsync($"You sent {sent}, or {JsonSerializer.Serialize(new { sent })}.");
        };

        var run = await client.RunAsync(Calling(tool.Address.ToString(), """{"Authorization":"Bearer {{secret.github}}"}"""));
        var failed = await client.RunAsync(Calling($"{tool.Address}fails", """{"Authorization":"Bearer {{ secret.GitHub }}"}"""));

        sent.ShouldBe($"Bearer {Value}");
        run.Text().ShouldBe("You sent Bearer ***, or {\"sent\":\"Bearer ***\"}.", run.Error);
        failed.Error.ShouldNotBeNull().ShouldContain("You sent Bearer ***");
        using var viewer = builder.Client("user:bob", "default", Roles.Viewer);
        var seen = await viewer.GetAsync<JsonElement>($"{Base.Base}/flows/{run.Flow}");
        seen.GetRawText().ShouldContain("Bearer {{secret.github}}");
        foreach (var table in (string[])["runs", "run_events", "step_claims", "flow_revisions"])
        {
            var all = await builder.Services.GetRequiredService<Database>().FirstOrDefaultAsync<string>($"select string_agg(t::text, ' ') from {table} as t", null, Token);
            all.ShouldNotBeNull().ShouldNotContain("s3cr3t");
        }
    }

    [Fact]
    public async Task A_secret_is_for_its_projects_and_goes_to_its_hosts_alone()
    {
        await using var tool = await ToolServer.StartedAsync();
        await using var other = await ToolServer.StartedAsync();
        await using var builder = await StartAsync(tool, "default", ("Tools:AllowedHosts:1", other.Host));
        await using var elsewhere = await StartAsync(tool, "red");
        using var client = builder.Developer();
        using var stranger = elsewhere.Developer();

        const string headers = """{"Authorization":"Bearer {{secret.github}}"}""";
        var leads = await client.RunAsync(Calling(other.Address.ToString(), headers));
        var unknown = await client.RunAsync(Calling(tool.Address.ToString(), """{"Authorization":"{{secret.gitlab}}"}"""));
        var foreign = await stranger.RunAsync(Calling(tool.Address.ToString(), headers));

        leads.Error.ShouldNotBeNull().ShouldContain("Builder:Secrets:github:Hosts does not name it");
        unknown.Error.ShouldNotBeNull().ShouldContain("There is no secret 'gitlab' for this project");
        foreign.Error.ShouldNotBeNull().ShouldContain("There is no secret 'github' for this project");
        leads.Steps.ShouldNotBeNull()[1].Attempt.ShouldBe(1);
        (tool.Requests.Count, other.Requests.Count).ShouldBe((0, 0));
    }

    [Theory]
    [InlineData("api.example.com", "https://api.example.com/x", true)]
    [InlineData("api.example.com", "http://api.example.com/x", false)]
    [InlineData("api.example.com", "https://api.example.com:8443/x", false)]
    [InlineData("api.example.com", "https://api.example.com.evil.example/x", false)]
    [InlineData("api.example.com:8080", "http://api.example.com:8080/x", true)]
    public void A_host_without_a_port_is_its_https(string host, string url, bool may) =>
        new SecretOptions.Secret { Hosts = { host } }.MayGoTo(new Uri(url)).ShouldBe(may);

    [Fact]
    public void A_secret_that_would_be_everybodys_stops_the_start()
    {
        var options = new SecretOptions { Secrets = { ["git hub"] = new SecretOptions.Secret() } };

        new SecretOptionsValidator().Validate(null, options).Failures.ShouldNotBeNull().Select(failure => failure[..failure.IndexOf(' ')]).ShouldBe(
            ["Builder:Secrets:git", "Builder:Secrets:git", "Builder:Secrets:git", "Builder:Secrets:git"]);
        new SecretOptionsValidator().Validate(null, new SecretOptions()).Succeeded.ShouldBeTrue();
    }

    private Task<BuilderUnderTest> StartAsync(ToolServer tool, string project, params (string Name, string Value)[] more) => BuilderUnderTest.StartAsync(
        postgres,
        [
            ("Tools:AllowedHosts:0", tool.Host), ("Builder:Secrets:github:Value", Value), ("Builder:Secrets:github:Hosts:0", tool.Host),
            ("Builder:Secrets:github:Projects:0", project), .. more,
        ]);

    private static FlowGraph Calling(string url, string headers) =>
        Around(Node("call", "http", ("url", url), ("retries", 0), ("headers", JsonSerializer.Deserialize<JsonElement>(headers))), "in");
}
