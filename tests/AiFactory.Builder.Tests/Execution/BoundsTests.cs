using System.Net;
using System.Text;
using System.Text.Json;
using AiFactory.Builder.Runs;
using AiFactory.Builder.Tests.Edges;
using AiFactory.Builder.Tools;
using AiFactory.Contracts.Builder.Runs;
using AiFactory.ServiceDefaults.Postgres;
using AiFactory.Testing.Postgres;
using Microsoft.Extensions.DependencyInjection;
using static AiFactory.Builder.Tests.Edges.Graphs;
using Base = AiFactory.Builder.Tests.Edges.Runs;

namespace AiFactory.Builder.Tests.Execution;

public sealed class BoundsTests(PostgresFixture postgres)
{
    /// <summary>400 edges of 1 MB each were read by one step.</summary>
    [Fact]
    public async Task A_step_to_which_too_much_is_brought_fails_before_it_is_read()
    {
        await using var builder = await BuilderUnderTest.StartAsync(postgres, ("Execution:MaxInputBytes", "2048"));
        using var client = builder.Developer();
        var graph = Of([Node("in", "input"), Node("p", "prompt", ("template", "{{text}}")), Node("out", "output")], "in.text > p.text", "in.text > out.text", "p.text > out.text");

        var fits = await client.RunAsync(graph, new string('x', 900));
        var large = await client.RunAsync(graph, new string('x', 1100));

        fits.Text().ShouldBe($"{new string('x', 900)}\n\n{new string('x', 900)}", fits.Error);
        large.State.ShouldBe(RunStates.Failed);
        large.Error.ShouldNotBeNull().ShouldContain("up to 2 KB are read");
    }

    /// <summary>Only an answer with an output was given up; a failure that the database refuses was written again every half second.</summary>
    [Fact]
    public async Task A_failure_that_the_database_refuses_is_told_in_a_sentence_that_it_takes()
    {
        await using var builder = await BuilderUnderTest.StartAsync(postgres);
        using var client = builder.Developer();
        await builder.Services.GetRequiredService<Database>().ExecuteAsync(
            """
            create function harm() returns trigger language plpgsql as $$
            begin
              if new.error like '%Tools:AllowedHosts%' then raise exception 'refused'; end if;
              return new;
            end $$;
            create trigger harm before update on step_claims for each row execute function harm()
            """,
            null,
            Token);

        var run = await client.RunAsync(Around(Node("call", "http", ("url", "http://127.0.0.1:1/")), "in"));

        run.State.ShouldBe(RunStates.Failed);
        run.Error.ShouldNotBeNull().ShouldContain("could not be written");
    }

    /// <summary>500 whole events were in memory at once, for each who watched.</summary>
    [Fact]
    public async Task Events_are_read_by_their_bytes_and_without_outputs_where_nobody_asks_for_them()
    {
        await using var builder = await BuilderUnderTest.StartAsync(postgres);
        using var client = builder.Developer();
        var run = await client.RunAsync(Of([Node("in", "input"), Node("out", "output")], "in.text > out.text"), new string('x', 5000));
        var runs = builder.Services.GetRequiredService<RunStore>();

        var whole = await runs.ListEventsAsync(run.Id, 0, 500, long.MaxValue, withOutputs: true, Token);
        var first = await runs.ListEventsAsync(run.Id, 0, 500, 4000, withOutputs: true, Token);
        var rest = await runs.ListEventsAsync(run.Id, first[^1].Sequence, 500, long.MaxValue, withOutputs: true, Token);
        var bare = await runs.ListEventsAsync(run.Id, 0, 500, 4000, withOutputs: false, Token);
        var two = await runs.ListEventsAsync(run.Id, 0, 2, long.MaxValue, withOutputs: true, Token);

        whole.Select(row => row.Sequence).ShouldBe(Enumerable.Range(1, 6).Select(number => (long)number));
        first[^1].Type.ShouldBe(RunEventTypes.StepFinished);
        first.Count.ShouldBe(3);
        first.Concat(rest).Select(row => (row.Sequence, row.Data)).ShouldBe(whole.Select(row => (row.Sequence, row.Data)));
        bare.Select(row => (row.Sequence, row.Data)).ShouldBe(whole.Select(row => (row.Sequence, (string?)null)));
        two.Count.ShouldBe(2);
    }

    [Theory]
    [InlineData("1e131071")]
    [InlineData("\"\\ud800\"")]
    public async Task A_graph_whose_settings_cannot_be_kept_is_refused(string value)
    {
        await using var builder = await BuilderUnderTest.StartAsync(postgres);
        using var client = builder.Developer();
        await client.MakeFlowAsync("f", Of([Node("in", "input"), Node("out", "output")], "in.text > out.text"));

        (await SaveAsync(client, value, 2)).ShouldBe(HttpStatusCode.BadRequest);
        (await SaveAsync(client, $"[{string.Join(',', Enumerable.Repeat("1e300", 1000))}]", 2)).ShouldBe(HttpStatusCode.BadRequest);
        (await SaveAsync(client, "\"a\\u0000b\"", 2)).ShouldBe(HttpStatusCode.OK);
    }

    /// <summary>A text that is not of ASCII counted six bytes a character, as its JSON was escaped.</summary>
    [Theory]
    [InlineData('x', 250_000, true)]
    [InlineData('ж', 125_000, true)]
    [InlineData('中', 85_000, true)]
    [InlineData('ж', 135_000, false)]
    public async Task A_graph_is_as_long_as_its_UTF_8_whatever_its_script(char letter, int length, bool isKept)
    {
        await using var builder = await BuilderUnderTest.StartAsync(postgres);
        using var client = builder.Developer();
        await client.MakeFlowAsync("f", Of([Node("in", "input"), Node("out", "output")], "in.text > out.text"));

        var (saved, errors) = await SendAsync(client, HttpMethod.Put, "f/graph", Settings($"\"{new string(letter, length)}\""));

        saved.ShouldBe(isKept ? HttpStatusCode.OK : HttpStatusCode.BadRequest);
        errors.ShouldBe(isKept ? "" : """{"graph":["A graph has up to 256 KB."]}""");
    }

    [Theory]
    [InlineData("""{"nodes":[{"id":"in","type":"input","x":0,"y":0,"settings":{"any":1e131071}}],"edges":[]}""")]
    [InlineData("""{"nodes":[{"id":"in","type":"input","x":0,"y":0,"settings":{"any":"\ud800"}}],"edges":[]}""")]
    [InlineData("""{"nodes":null,"edges":[]}""")]
    [InlineData("null")]
    public async Task A_graph_that_would_not_be_saved_is_refused_in_the_same_words_when_it_is_checked(string graph)
    {
        await using var builder = await BuilderUnderTest.StartAsync(postgres);
        using var client = builder.Developer();
        await client.MakeFlowAsync("f", Of([Node("in", "input"), Node("out", "output")], "in.text > out.text"));

        var saved = await SendAsync(client, HttpMethod.Put, "f/graph", graph);
        var validated = await SendAsync(client, HttpMethod.Post, "validate", graph);

        validated.ShouldBe(saved);
        saved.Status.ShouldBe(HttpStatusCode.BadRequest);
        saved.Errors.ShouldStartWith("""{"graph":[""");
    }

    [Fact]
    public async Task A_draft_with_a_step_that_is_null_is_saved_with_its_problem()
    {
        await using var builder = await BuilderUnderTest.StartAsync(postgres);
        using var client = builder.Developer();
        await client.MakeFlowAsync("f", Of([Node("in", "input"), Node("out", "output")], "in.text > out.text"));

        (await SendAsync(client, HttpMethod.Put, "f/graph", """{"nodes":[null],"edges":[]}""")).Status.ShouldBe(HttpStatusCode.OK);
    }

    [Theory]
    [InlineData("""{"type":"object","default":1e131071}""")]
    [InlineData("""{"type":"object","properties":{"\ud800":{}}}""")]
    [InlineData("""{"type":7}""")]
    public void A_schema_that_cannot_be_kept_is_refused(string schema) =>
        ToolSchema.Complaint(JsonSerializer.Deserialize<JsonElement>(schema)).ShouldNotBeNull();

    [Theory]
    [InlineData("""{"n":[1e300,2],"t":"1e300"}""", 327)]
    [InlineData("[0.5,1E-2]", 12)]
    public void A_number_counts_with_the_digits_that_postgres_prints(string json, long length) =>
        StorableJson.Length(JsonSerializer.Deserialize<JsonElement>(json)).ShouldBe(length);

    private static async Task<HttpStatusCode> SaveAsync(HttpClient client, string value, int revision) =>
        (await SendAsync(client, HttpMethod.Put, "f/graph", Settings(value), revision)).Status;

    private static string Settings(string value) => $$"""{"nodes":[{"id":"in","type":"input","x":0,"y":0,"settings":{"any":{{value}} } }],"edges":[]}""";

    private static async Task<(HttpStatusCode Status, string Errors)> SendAsync(HttpClient client, HttpMethod method, string path, string graph, int revision = 2)
    {
        using var request = new HttpRequestMessage(method, new Uri($"{Base.Base}/flows/{path}", UriKind.Relative))
        {
            Content = new StringContent($$"""{"baseRevision":{{revision}},"graph":{{graph}} }""", Encoding.UTF8, "application/json"),
        };
        using var answer = await client.SendAsync(request, Token);
        var body = JsonSerializer.Deserialize<JsonElement>(await answer.Content.ReadAsStringAsync(Token));
        return (answer.StatusCode, body.TryGetProperty("errors", out var errors) ? errors.GetRawText() : "");
    }

    private static CancellationToken Token => TestContext.Current.CancellationToken;
}
