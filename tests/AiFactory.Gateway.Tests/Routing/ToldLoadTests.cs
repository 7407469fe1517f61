using AiFactory.Contracts.Routing;
using AiFactory.Gateway.Routing;
using AiFactory.Testing;

namespace AiFactory.Gateway.Tests.Routing;

/// <summary>What replicas tell of their load, in the choice among them.</summary>
public sealed class ToldLoadTests
{
    private readonly ManualTimeProvider _time = new();
    private readonly ReplicaChooser _chooser;

    public ToldLoadTests() => _chooser = new ReplicaChooser(new BreakerRules(new BreakerOptions(), _time), _time);

    [Fact]
    public void One_that_told_of_a_queue_gets_far_fewer_until_that_is_old()
    {
        var (deployment, a, b) = Two();
        a.Load.Hear(new LoadReport(20, 4, 0.1), own: 0, _time.GetTimestamp());
        b.Load.Hear(new LoadReport(0, 0, 0), own: 0, _time.GetTimestamp());

        Count(deployment, a).ShouldBeInRange(1, 150);
        Reasons(deployment).ShouldContain(ChoiceReason.Queue);

        _time.Advance(TimeSpan.FromSeconds(3));
        Count(deployment, a).ShouldBeInRange(1, 250, "8 of 24 still count");
        _time.Advance(TimeSpan.FromSeconds(20));
        Count(deployment, a).ShouldBeInRange(450, 550);
    }

    [Fact]
    public void One_whose_cache_is_nearly_full_gets_fewer_and_one_that_is_half_full_as_many()
    {
        var (deployment, a, b) = Two();
        a.Load.Hear(new LoadReport(0, null, 0.5), own: 0, _time.GetTimestamp());
        b.Load.Hear(new LoadReport(0, null, 0), own: 0, _time.GetTimestamp());
        Count(deployment, a).ShouldBeInRange(450, 550);

        a.Load.Hear(new LoadReport(0, null, 1), own: 0, _time.GetTimestamp());
        Count(deployment, a).ShouldBeInRange(1, 250);
        Reasons(deployment).ShouldContain(ChoiceReason.Cache);
    }

    [Fact]
    public void Our_own_requests_are_not_counted_twice()
    {
        var (deployment, a, b) = Two();
        foreach (var replica in (Replica[])[a, b])
        {
            for (var i = 0; i < 10; i++)
            {
                replica.Begin(0);
            }
        }

        // All that it has is ours.
        a.Load.Hear(new LoadReport(6, 4, null), own: 10, _time.GetTimestamp());
        Count(deployment, a).ShouldBeInRange(450, 550);

        // And when they have ended, so have they there.
        a.Load.Hear(new LoadReport(26, 4, null), own: 10, _time.GetTimestamp());
        Burden.Of(a, _time.GetTimestamp(), _time.TimestampFrequency).ShouldBe(new Burden(10, 20, 1));
        a.End();
        Burden.Of(a, _time.GetTimestamp(), _time.TimestampFrequency).Total.ShouldBe(30);
    }

    [Fact]
    public void A_replica_that_knows_the_prompt_is_left_for_the_queue_that_it_tells_of()
    {
        var deployment = Of(3);
        var affinity = new Affinity(Hash.Mix(7), ChoiceReason.Prefix);
        var known = Choose(deployment, affinity, out _);
        foreach (var replica in deployment.Replicas)
        {
            replica.Load.Hear(new LoadReport(20, 4, null), own: 0, _time.GetTimestamp());
        }

        Choose(deployment, affinity, out var asAllHave).ShouldBe(known);
        asAllHave.ShouldBe(ChoiceReason.Prefix);

        known.Load.Hear(new LoadReport(40, 4, null), own: 0, _time.GetTimestamp());
        Choose(deployment, affinity, out _).ShouldNotBe(known);

        known.Load.Hear(new LoadReport(0, 3, null), own: 0, _time.GetTimestamp());
        Choose(deployment, affinity, out _).ShouldBe(known);
    }

    [Theory]
    [InlineData("TEXT num_requests_waiting=1e308, num_requests_running=1e308")]
    [InlineData("TEXT num_requests_waiting=NaN, kv_cache_usage_perc=-1")]
    [InlineData("TEXT num_requests_waiting=Infinity, kv_cache_usage_perc=Infinity")]
    public void One_that_tells_nonsense_keeps_no_other_s_requests_where_they_are_and_is_asked_again(string text)
    {
        var deployment = Of(3);
        var affinity = new Affinity(Hash.Mix(7), ChoiceReason.Prefix);
        var known = Choose(deployment, affinity, out _);
        var broken = deployment.Replicas.First(replica => replica != known);
        if (LoadReport.TryParse(text, out var report))
        {
            broken.Load.Hear(report, own: 0, _time.GetTimestamp());
        }

        // The mean of what is known here is 2 and two thirds.
        for (var i = 0; i < 7; i++)
        {
            known.Begin(0);
        }

        Choose(deployment, affinity, out _).ShouldNotBe(known);
        _time.Advance(TimeSpan.FromSeconds(30));
        Enumerable.Range(0, 300).Count(_ => Choose(deployment, default, out var _) == broken).ShouldBeGreaterThan(50);
    }

    [Fact]
    public void One_that_always_tells_of_nothing_gets_no_more_than_it_can_do()
    {
        var (deployment, liar, honest) = Two();
        liar.Load.Hear(new LoadReport(0, 0, 0), own: 0, _time.GetTimestamp());
        honest.Load.Hear(new LoadReport(0, 4, 0), own: 0, _time.GetTimestamp());

        // Neither ends what it was given: what it has of us counts, whatever it tells.
        for (var i = 0; i < 40; i++)
        {
            Choose(deployment, default, out _).Begin(0);
        }

        liar.InFlight.ShouldBeInRange(20, 26);
    }

    /// <summary>Four gateways hear at the same moment that one replica is idle, and have ten requests each before they hear again.</summary>
    [Fact]
    public void Several_gateways_that_hear_of_an_idle_replica_do_not_all_run_there()
    {
        var idle = 0;
        for (var gateway = 0; gateway < 4; gateway++)
        {
            var (deployment, a, b) = Two();
            a.Load.Hear(new LoadReport(4, 4, 0), own: 0, _time.GetTimestamp());
            b.Load.Hear(new LoadReport(0, 0, 0), own: 0, _time.GetTimestamp());
            for (var i = 0; i < 12; i++)
            {
                Choose(deployment, default, out _).Begin(0);
            }

            idle += b.InFlight;
        }

        // It would be all 48 if a gateway did not count its own beside what it heard; so each stops when it has given it eight more than the other.
        idle.ShouldBeInRange(24, 42);
    }

    [Fact]
    public void It_is_asked_for_no_more_often_than_ten_times_a_second()
    {
        var load = new ReplicaLoad();
        Ask(load).ShouldBeTrue();
        Ask(load).ShouldBeFalse();
        _time.Advance(TimeSpan.FromMilliseconds(99));
        Ask(load).ShouldBeFalse();
        _time.Advance(TimeSpan.FromMilliseconds(1));
        Ask(load).ShouldBeTrue();

        bool Ask(ReplicaLoad load) => load.ShouldAsk(_time.GetTimestamp(), _time.TimestampFrequency);
    }

    private int Count(Deployment deployment, Replica replica) => Enumerable.Range(0, 1000).Count(_ => Choose(deployment, default, out var _) == replica);

    private List<ChoiceReason> Reasons(Deployment deployment) =>
        [.. Enumerable.Range(0, 100).Select(_ =>
        {
            Choose(deployment, default, out var reason);
            return reason;
        })];

    private Replica Choose(Deployment deployment, Affinity affinity, out ChoiceReason reason) => _chooser.Choose(deployment, affinity, stream: true, tried: null, out reason).ShouldNotBeNull();

    private static (Deployment Deployment, Replica A, Replica B) Two() => Of(2) is var deployment ? (deployment, deployment.Replicas[0], deployment.Replicas[1]) : default;

    private static Deployment Of(int replicas) => new(
        new DeploymentRoute(Guid.CreateVersion7(), "default", "demo-chat", "project", "chat", "demo-chat", 1, "", 0, DateTimeOffset.UnixEpoch, []),
        [.. Enumerable.Range(1, replicas).Select(number => new Replica($"127.0.0.1:{number}", new Uri($"http://127.0.0.1:{number}/")))]);
}
