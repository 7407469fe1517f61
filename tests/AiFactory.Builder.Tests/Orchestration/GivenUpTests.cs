using AiFactory.Builder.Tests.Edges;
using AiFactory.Contracts.Builder.Flows;
using AiFactory.Contracts.Builder.Runs;
using AiFactory.ServiceDefaults.Postgres;
using AiFactory.Testing.Postgres;
using Microsoft.Extensions.DependencyInjection;
using static AiFactory.Builder.Tests.Edges.Graphs;

namespace AiFactory.Builder.Tests.Orchestration;

/// <summary>What one run gave stopped the host, or was tried again for ever, and with it the runs of all projects.</summary>
public sealed class GivenUpTests(PostgresFixture postgres)
{
    private static readonly FlowGraph Twice = Of([Node("in", "input"), Node("a", "output"), Node("b", "output")], "in.text > a.text", "in.text > b.text");

    [Fact]
    public async Task Outputs_that_are_too_large_together_fail_their_run()
    {
        await using var builder = await BuilderUnderTest.StartAsync(postgres, ("Orchestration:MaxOutputBytes", "2048"));
        using var client = builder.Developer();

        var fits = await client.RunAsync(Twice, new string('x', 900));
        var large = await client.RunAsync(Twice, new string('x', 1100));

        fits.Text().ShouldBe($"{new string('x', 900)}\n\n{new string('x', 900)}", fits.Error);
        (large.State, large.Output).ShouldBe((RunStates.Failed, null));
        large.Error.ShouldNotBeNull().ShouldContain("up to 2 KB are kept");
    }

    [Theory]
    [InlineData("step_claims")]
    [InlineData("runs")]
    public async Task A_run_that_can_be_neither_decided_nor_written_fails_and_holds_up_no_other(string table)
    {
        await using var builder = await BuilderUnderTest.StartAsync(postgres);
        using var client = builder.Developer();
        await client.MakeFlowAsync("twice", Twice);
        await builder.Services.GetRequiredService<Database>().ExecuteAsync(Trigger(table), null, Token);

        var poisoned = await client.StartRunAsync("twice", new { text = "poison" });
        var other = await client.StartRunAsync("twice", new { text = "x" });

        (await client.EndedRunAsync(other.Id)).Text().ShouldBe("x\n\nx");
        var failed = await client.EndedRunAsync(poisoned.Id);
        failed.State.ShouldBe(RunStates.Failed);
        failed.Error.ShouldNotBeNull().ShouldContain("could not be carried on");
    }

    /// <summary>Of steps' outputs one that cannot be merged is made; of runs the one that succeeds is refused, as a value of more than 1 GB would be.</summary>
    private static string Trigger(string table) => table == "step_claims"
        ? """
          create function harm() returns trigger language plpgsql as $$
          begin
            if new.output ->> 'text' = 'poison' and new.node <> 'in' then new.output = '{"text":7}'; end if;
            return new;
          end $$;
          create trigger harm before update on step_claims for each row execute function harm()
          """
        : """
          create function harm() returns trigger language plpgsql as $$
          begin
            if new.output ->> 'text' like 'poison%' then raise exception 'refused'; end if;
            return new;
          end $$;
          create trigger harm before update on runs for each row execute function harm()
          """;

    private static CancellationToken Token => TestContext.Current.CancellationToken;
}
