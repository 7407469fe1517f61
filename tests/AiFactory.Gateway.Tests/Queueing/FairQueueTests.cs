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
    public async Task Who_fills_all_places_gives_them_to_who_has_fewer()
    {
        await Enter("a");
        var flood = Enumerable.Range(0, 4).Select(_ => Enter("a", length: 4)).ToList();

        var others = Enumerable.Range(0, 2).Select(_ => Enter("b", length: 4)).ToList();

        (await Task.WhenAll(flood[2..])).ShouldAllBe(ticket => ticket == Ticket.Full, "those that came last");
        (await Enter("a", length: 4)).ShouldBe(Ticket.Full, "it has as many as the other");
        (await Enter("b", length: 4)).ShouldBe(Ticket.Full);
        _queue.Waiting.ShouldBe(4);
        foreach (var next in (Task<Ticket>[])[flood[0], others[0], flood[1], others[1]])
        {
            _queue.Leave(1);
            (await next).ShouldBe(Ticket.Admitted);
        }

        _queue.Waiting.ShouldBe(0);
    }

    [Fact]
    public async Task What_can_wait_gives_its_place_to_what_goes_first_and_not_the_other_way_round()
    {
        await Enter("a");
        var sheddable = Enter("a", priority: 10, length: 1);

        var critical = Enter("b", priority: -10, length: 1);

        (await sheddable).ShouldBe(Ticket.Full);
        (await Enter("c", length: 1)).ShouldBe(Ticket.Full);
        _queue.Leave(1);
        (await critical).ShouldBe(Ticket.Admitted);
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
