using System.Net;
using System.Text.Json;
using AiFactory.Builder.Tests.Edges;
using AiFactory.ServiceDefaults.Postgres;
using AiFactory.Testing.Postgres;
using Microsoft.Extensions.DependencyInjection;
using static AiFactory.Builder.Tests.Edges.Graphs;
using Base = AiFactory.Builder.Tests.Edges.Runs;

namespace AiFactory.Builder.Tests.Runs;

/// <summary>What the page of a run asks for.</summary>
public sealed class RunAnswerTests(PostgresFixture postgres)
{
    /// <summary>Of one port: the steps give the same at two.</summary>
    private const int Most = 64 * 1024 / 2;

    private static CancellationToken Token => TestContext.Current.CancellationToken;

    /// <summary>A run of 100 steps with 1 MB each was an answer of 100 MB, once a second to each who watched.</summary>
    [Fact]
    public async Task A_runs_answer_has_the_beginning_of_a_steps_large_output_and_the_whole_has_a_route()
    {
        await using var builder = await BuilderUnderTest.StartAsync(postgres);
        using var client = builder.Developer();
        var text = string.Concat(Enumerable.Range(0, 20_000).Select(number => $"{number:d5},"));
        var graph = Of(
            [
                Node("in", "input"), Node("made", "transform", ("operation", "template"), ("template", "[\"{{text}}\"]")), Node("read", "transform", ("operation", "parse JSON")),
                Node("out", "output"),
            ],
            "in.text > made.in", "made.text > read.in", "read.json > out.json");
        var ended = await client.RunAsync(graph, text);
        var small = await client.RunAsync(Of([Node("in", "input"), Node("out", "output")], "in.text > out.text"), "short");

        var steps = (await client.GetAsync<JsonElement>($"{Base.Base}/runs/{ended.Id}")).GetProperty("steps");
        Shown(steps[1], "text").ShouldBe(text.Insert(0, "[\"")[..Most]);
        Shown(steps[2], "json").ShouldBe(text.Insert(0, "[\"")[..Most], "no JSON any more, but a text");
        (await client.GetAsync<JsonElement>($"{Base.Base}/runs/{small.Id}")).GetProperty("steps")[0].GetProperty("truncated").GetBoolean().ShouldBeFalse();

        var whole = await client.GetAsync<JsonElement>($"{Base.Base}/runs/{ended.Id}/steps/read");
        whole.GetProperty("output").GetProperty("json")[0].GetString().ShouldBe(text);
        whole.GetProperty("truncated").GetBoolean().ShouldBeFalse();
        (await StatusAsync(client, ended.Id, "none")).ShouldBe(HttpStatusCode.NotFound);
        (await StatusAsync(client, Guid.CreateVersion7(), "in")).ShouldBe(HttpStatusCode.NotFound);
    }

    /// <summary>Each output was printed for each who watched, once a second, to learn its size.</summary>
    [Fact]
    public async Task A_steps_size_is_kept_with_what_it_gave_and_one_of_before_is_measured()
    {
        await using var builder = await BuilderUnderTest.StartAsync(postgres);
        using var client = builder.Developer();
        var run = await client.RunAsync(Of([Node("in", "input"), Node("out", "output")], "in.text > out.text"), new string('a', 100_000));
        var database = builder.Services.GetRequiredService<Database>();

        var (written, isTruncated) = await SizedAsync("output_bytes");
        (written > 100_000, isTruncated).ShouldBe((true, true));
        (await SizedAsync("1")).ShouldBe((1, false));
        (await SizedAsync("null")).ShouldBe((null, true));

        async Task<(int? Bytes, bool IsTruncated)> SizedAsync(string bytes)
        {
            await database.ExecuteAsync($"update step_claims set output_bytes = {bytes}", null, Token);
            var step = (await client.GetAsync<JsonElement>($"{Base.Base}/runs/{run.Id}")).GetProperty("steps")[0];
            return (await database.FirstOrDefaultAsync<int?>("select output_bytes from step_claims where node = 'in'", null, Token), step.GetProperty("truncated").GetBoolean());
        }
    }

    private static string? Shown(JsonElement step, string port)
    {
        step.GetProperty("truncated").GetBoolean().ShouldBeTrue();
        return step.GetProperty("output").GetProperty(port).GetString();
    }

    private static async Task<HttpStatusCode> StatusAsync(HttpClient client, Guid run, string node)
    {
        using var answer = await client.GetAsync(new Uri($"{Base.Base}/runs/{run}/steps/{node}", UriKind.Relative), Token);
        return answer.StatusCode;
    }
}
