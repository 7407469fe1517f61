using AiFactory.Builder.Tests.Edges;
using AiFactory.Contracts.Builder.Runs;
using AiFactory.Testing.Postgres;
using static AiFactory.Builder.Tests.Edges.Graphs;

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
}
