using System.Text.Json;
using AiFactory.Builder.Execution;
using AiFactory.Builder.Orchestration;
using AiFactory.Builder.Runs;
using AiFactory.Builder.Steps;
using AiFactory.Builder.Tests.Edges;
using AiFactory.Contracts.Builder.Runs;
using AiFactory.ServiceDefaults.Postgres;
using AiFactory.Testing.Postgres;
using Microsoft.Extensions.DependencyInjection;
using static AiFactory.Builder.Tests.Edges.Graphs;
using Base = AiFactory.Builder.Tests.Edges.Runs;

namespace AiFactory.Builder.Tests.Execution;

/// <summary>Who has been replaced writes nothing any more. The builder under test only leads; the executors are played, so that the test says when they act.</summary>
public sealed class FenceTests(PostgresFixture postgres)
{
    private static readonly TimeSpan Long = TimeSpan.FromMinutes(1);

    [Fact]
    public async Task An_executor_whose_claim_ran_out_is_refused_and_its_step_has_one_answer()
    {
        await using var builder = await BuilderUnderTest.StartAsync(postgres, ("Builder:Role", "orchestrator"));
        var (claims, run) = (builder.Services.GetRequiredService<ClaimStore>(), await StartAsync(builder));

        var slow = await ClaimAsync(claims, "slow", TimeSpan.Zero);
        var next = await ClaimAsync(claims, "next", Long);
        var none = await claims.ClaimAsync("third", Long, 8, 8, Now, Token);
        var late = await claims.AnswerAsync(slow, Answer("late"), Token);
        var answered = await claims.AnswerAsync(next, Answer("right"), Token);
        var twice = await claims.AnswerAsync(next, Answer("again"), Token);
        var lost = await claims.RenewAsync([slow, next], Long, Token);

        (slow.Node, next.Node, next.Attempt, next.Token).ShouldBe(("in", "in", 2, slow.Token + 1));
        none.ShouldBeEmpty();
        (late, answered, twice).ShouldBe((false, true, false));
        lost.Count.ShouldBe(2);
        var events = await builder.Services.GetRequiredService<RunStore>().ListEventsAsync(run, 0, 100, long.MaxValue, withOutputs: true, Token);
        events.Where(happened => happened.Type == RunEventTypes.StepFinished).ShouldHaveSingleItem().Data.ShouldNotBeNull().ShouldContain("right");
    }

    [Fact]
    public async Task What_still_runs_when_its_run_is_cancelled_cannot_answer()
    {
        await using var builder = await BuilderUnderTest.StartAsync(postgres, ("Builder:Role", "orchestrator"));
        var (claims, run) = (builder.Services.GetRequiredService<ClaimStore>(), await StartAsync(builder));
        var claim = await ClaimAsync(claims, "one", Long);
        using var client = builder.Developer();

        await client.PostAsync<object>($"{Base.Base}/runs/{run}/cancel", new { });
        var ended = await client.EndedRunAsync(run);

        ended.State.ShouldBe(RunStates.Cancelled);
        (await claims.AnswerAsync(claim, Answer("late"), Token)).ShouldBeFalse();
        (await claims.ClaimAsync("two", Long, 8, 8, Now, Token)).ShouldBeEmpty();
    }

    [Fact]
    public async Task A_step_that_is_given_back_is_taken_at_once()
    {
        await using var builder = await BuilderUnderTest.StartAsync(postgres, ("Builder:Role", "orchestrator"));
        var claims = builder.Services.GetRequiredService<ClaimStore>();
        await StartAsync(builder);
        var claim = await ClaimAsync(claims, "one", Long);

        await claims.ReleaseAsync([claim], Token);

        (await ClaimAsync(claims, "two", Long)).Token.ShouldBe(claim.Token + 1);
        (await claims.AnswerAsync(claim, Answer("late"), Token)).ShouldBeFalse();
    }

    [Fact]
    public async Task A_leader_that_was_replaced_finds_the_fence_closed_and_a_new_one_waits_for_what_is_being_written()
    {
        await using var builder = await BuilderUnderTest.StartAsync(postgres, ("Builder:Role", "executor"));
        var leases = new LeadershipStore(builder.Services.GetRequiredService<Database>());
        var database = builder.Services.GetRequiredService<Database>();

        var first = await leases.TakeAsync("first", TimeSpan.Zero, Token);
        Task<long?> taking;
        await using (var writing = await database.BeginAsync(Token))
        {
            (await leases.HoldAsync(writing, first ?? 0, Token)).ShouldBeTrue();
            taking = leases.TakeAsync("second", Long, Token);
            (await Task.WhenAny(taking, Task.Delay(200, Token))).ShouldNotBe(taking, "the first leader's transaction is open");
            await writing.CommitAsync(Token);
        }

        var second = await taking;
        await using var late = await database.BeginAsync(Token);

        second.ShouldBe(first + 1);
        (await leases.HoldAsync(late, first ?? 0, Token)).ShouldBeFalse();
        (await leases.RenewAsync(first ?? 0, Long, Token)).ShouldBeFalse();
        (await leases.TakeAsync("third", Long, Token)).ShouldBeNull();
    }

    private static async Task<Guid> StartAsync(BuilderUnderTest builder)
    {
        using var client = builder.Developer();
        await client.MakeFlowAsync("f", Of([Node("in", "input"), Node("out", "output")], "in.text > out.text"));
        return (await client.StartRunAsync("f", new { text = "x" })).Id;
    }

    private static async Task<ClaimedStep> ClaimAsync(ClaimStore claims, string owner, TimeSpan lease)
    {
        while (true)
        {
            if (await claims.ClaimAsync(owner, lease, 8, 8, Now, Token) is [var claim])
            {
                return claim;
            }

            await Task.Delay(20, Token);
        }
    }

    private static StepAnswer Answer(string text) => StepAnswers.Succeeded(StepOutcome.Of(("text", JsonSerializer.SerializeToElement(text))), Now);

    private static DateTimeOffset Now => TimeProvider.System.GetUtcNow();

    private static CancellationToken Token => TestContext.Current.CancellationToken;
}
