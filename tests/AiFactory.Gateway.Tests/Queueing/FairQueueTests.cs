using AiFactory.Gateway.Queueing;

namespace AiFactory.Gateway.Tests.Queueing;

public sealed class FairQueueTests
{
    private readonly FairQueue _queue = new();

    [Fact]
    public async Task Who_sends_a_thousand_waits_behind_its_own()
    {
        (await Enter("a")).ShouldBe(Ticket.Admitted);
        var flood = Enumerable.Range(0, 1000).Select(_ => Enter("a")).ToList();
        var other = Enter("b");

        _queue.Leave(1);
        (await flood[0]).ShouldBe(Ticket.Admitted);
        other.IsCompleted.ShouldBeFalse();
        _queue.Leave(1);

        (await other).ShouldBe(Ticket.Admitted);
        flood.Count(each => each.IsCompleted).ShouldBe(1);
    }

    [Fact]
    public async Task The_lowest_priority_number_goes_first()
    {
        await Enter("a");
        var late = Enter("a", priority: 5);
        var soon = Enter("a", priority: -1);

        _queue.Leave(1);

        (await soon).ShouldBe(Ticket.Admitted);
        late.IsCompleted.ShouldBeFalse();
    }

    [Fact]
    public async Task Who_is_one_too_many_is_refused_and_who_waits_too_long_too()
    {
        await Enter("a");
        var waiting = Enter("a", length: 1, patience: TimeSpan.FromMilliseconds(50));

        (await Enter("b", length: 1)).ShouldBe(Ticket.Full);
        (await waiting).ShouldBe(Ticket.TooLate);
        _queue.Waiting.ShouldBe(0);
    }

    [Fact]
    public async Task A_client_that_leaves_makes_room_and_takes_no_turn()
    {
        using var leave = new CancellationTokenSource();
        await Enter("a");
        var gone = Enter("a", left: leave.Token);
        var next = Enter("a");

        await leave.CancelAsync();

        (await gone).ShouldBe(Ticket.Left);
        _queue.Waiting.ShouldBe(1);
        _queue.Leave(1);

        (await next).ShouldBe(Ticket.Admitted);
    }

    [Fact]
    public async Task Nothing_is_lost_when_a_client_leaves_as_its_turn_comes()
    {
        for (var round = 0; round < 3000; round++)
        {
            var first = Enter("a");
            first.IsCompletedSuccessfully.ShouldBeTrue($"the place is free again after {round} rounds");
            using var leave = new CancellationTokenSource();
            var waiting = Enter("a", left: leave.Token);

            await Task.WhenAll(leave.CancelAsync(), Task.Run(() => _queue.Leave(1), Token));

            if (await waiting == Ticket.Admitted)
            {
                _queue.Leave(1);
            }

            _queue.Waiting.ShouldBe(0);
        }
    }

    [Fact]
    public async Task More_replicas_let_more_through()
    {
        await Enter("a");
        var second = Enter("a");
        var third = Enter("a");
        _queue.Admit(1);
        second.IsCompleted.ShouldBeFalse();

        _queue.Admit(3);

        (await second).ShouldBe(Ticket.Admitted);
        (await third).ShouldBe(Ticket.Admitted);
    }

    [Fact]
    public async Task Who_comes_when_there_is_room_again_goes_behind_those_who_wait()
    {
        await Enter("a");
        var second = Enter("a");

        var third = Enter("a", limit: 2);

        (await second).ShouldBe(Ticket.Admitted);
        third.IsCompleted.ShouldBeFalse();
    }

    private static CancellationToken Token => TestContext.Current.CancellationToken;

    private Task<Ticket> Enter(string project, int priority = 0, int limit = 1, int length = 2000, TimeSpan? patience = null, CancellationToken? left = null) =>
        _queue.EnterAsync(project, priority, limit, length, patience ?? TimeSpan.FromMinutes(1), TimeProvider.System, left ?? Token).AsTask();
}
