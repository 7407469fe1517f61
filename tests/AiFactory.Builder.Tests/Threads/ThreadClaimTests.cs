using System.Text;
using AiFactory.Builder.Tests.Edges;
using AiFactory.Builder.Threads;
using AiFactory.Contracts.Builder.Threads;
using AiFactory.ServiceDefaults.Outcomes;
using AiFactory.ServiceDefaults.Postgres;
using AiFactory.Testing.Postgres;
using Microsoft.AspNetCore.Http;
using Microsoft.Extensions.DependencyInjection;

namespace AiFactory.Builder.Tests.Threads;

/// <summary>A thread has one answer at a time, and of each answer one.</summary>
public sealed class ThreadClaimTests(PostgresFixture postgres)
{
    private const string Base = "/api/builder/projects/default/threads";

    private static CancellationToken Token => TestContext.Current.CancellationToken;

    /// <summary>Only a silent model's claim was renewed: one that spoke for more than a minute lost the thread.</summary>
    [Fact]
    public async Task An_answer_that_streams_for_longer_than_its_lease_keeps_the_thread()
    {
        await using var builder = await BuilderUnderTest.StartAsync(postgres, ("Threads:Lease", "00:00:01"));
        using var client = builder.Developer();
        var ended = new TaskCompletionSource();
        builder.Gateway.Script = async (context, body) =>
        {
            context.Response.ContentType = "text/event-stream";
            while (!ended.Task.IsCompleted)
            {
                await FakeGateway.WriteAsync(context, new { id = "c", @object = "o", created = 1, model = "m", choices = new[] { new { index = 0, delta = new { content = "on " } } } });
                await Task.Delay(50, context.RequestAborted);
            }

            await builder.Gateway.ChatAsync(context, body);
        };
        var thread = await CreateAsync(client);

        var answering = client.EventsAsync($"{Base}/{thread}/messages", new ThreadMessageRequest("Go"));
        var first = await UntilAsync(builder, thread, DateTime.MinValue);
        await UntilAsync(builder, thread, first + TimeSpan.FromSeconds(1.5));
        using var second = await client.PostAsync($"{Base}/{thread}/messages", new ThreadMessageRequest("Again"));
        ended.SetResult();

        second.StatusCode.ShouldBe(System.Net.HttpStatusCode.Conflict);
        (await answering)[^1].Type.ShouldBe(ThreadEvents.Done);
    }

    [Fact]
    public async Task An_answer_that_lost_its_thread_is_not_kept_and_the_others_is_kept_once()
    {
        await using var builder = await BuilderUnderTest.StartAsync(postgres, ("Threads:Lease", "00:00:01"));
        using var client = builder.Developer();
        var service = builder.Services.GetRequiredService<ThreadService>();
        var thread = await CreateAsync(client);

        var slow = await BeginAsync(service, thread);
        var next = await BeginAsync(service, thread);
        var renewed = await service.RenewAsync(slow, Token);
        var late = await service.EndAsync(slow, new ThreadAnswer("late"), Token);
        var kept = await service.EndAsync(next, new ThreadAnswer("right"), Token);
        var twice = await service.EndAsync(next, new ThreadAnswer("again"), Token);

        (renewed, late, twice).ShouldBe((false, null, null));
        kept.ShouldNotBeNull();
        await KeptAsync(client, thread, "Hello", "Hello", "right");
    }

    /// <summary>The whole answer had been kept, and then what was read of it was kept too.</summary>
    [Fact]
    public async Task Who_leaves_while_the_answers_end_is_written_finds_it_once()
    {
        await using var builder = await BuilderUnderTest.StartAsync(postgres);
        using var client = builder.Developer();
        var thread = await CreateAsync(client);
        var turn = await BeginAsync(builder.Services.GetRequiredService<ThreadService>(), thread);
        using var leaving = new CancellationTokenSource();
        var context = new DefaultHttpContext();
        context.Response.Body = new LeavesAtTheEnd(leaving);

        await builder.Services.GetRequiredService<ThreadAnswerStream>().WriteAsync(turn, context.Response, leaving.Token);

        leaving.IsCancellationRequested.ShouldBeTrue();
        await KeptAsync(client, thread, "Hello", "You said: Hello");
    }

    private static async Task<Guid> CreateAsync(HttpClient client) =>
        (await client.PostAsync<ThreadRequest, ThreadResponse>(Base, new ThreadRequest(null, "model:demo-chat"))).Id;

    /// <summary>Waits for the thread to be free.</summary>
    private static async Task<ThreadTurn> BeginAsync(ThreadService service, Guid thread)
    {
        while (true)
        {
            switch (await service.BeginAsync("default", "user:ada", thread, "Hello", Token))
            {
                case Outcome<ThreadTurn>.Done { Value: var turn }:
                    return turn;
                case Outcome<ThreadTurn>.Conflict:
                    await Task.Delay(50, Token);
                    break;
                case var other:
                    throw new ShouldAssertException(other.ToString());
            }
        }
    }

    private static async Task<DateTime> UntilAsync(BuilderUnderTest builder, Guid thread, DateTime after)
    {
        var database = builder.Services.GetRequiredService<Database>();
        var began = TimeProvider.System.GetTimestamp();
        while (true)
        {
            var until = await database.FirstOrDefaultAsync<DateTime?>("select answering_until from threads where id = @thread", new { thread }, Token);
            if (until > after)
            {
                return until.Value;
            }

            TimeProvider.System.GetElapsedTime(began).ShouldBeLessThan(TimeSpan.FromSeconds(20), "the claim should have been renewed");
            await Task.Delay(50, Token);
        }
    }

    private static async Task KeptAsync(HttpClient client, Guid thread, params string[] messages) =>
        (await client.GetAsync<ThreadResponse>($"{Base}/{thread}")).Messages.ShouldNotBeNull().Select(message => message.Content).ShouldBe(messages);

    /// <summary>A client that is gone as the last event comes.</summary>
    private sealed class LeavesAtTheEnd(CancellationTokenSource leaving) : MemoryStream
    {
        public override ValueTask WriteAsync(ReadOnlyMemory<byte> buffer, CancellationToken cancellationToken = default)
        {
            if (Encoding.UTF8.GetString(buffer.Span).Contains(ThreadEvents.Done))
            {
                leaving.Cancel();
            }

            return leaving.IsCancellationRequested ? ValueTask.FromCanceled(leaving.Token) : base.WriteAsync(buffer, cancellationToken);
        }
    }
}
