using AiFactory.Contracts.Routing;
using AiFactory.Gateway.Routing;
using AiFactory.Testing;

namespace AiFactory.Gateway.Tests.Routing;

public sealed class ReplicaChooserTests
{
    private readonly ManualTimeProvider _time = new();
    private readonly BreakerRules _rules;
    private readonly ReplicaChooser _chooser;

    public ReplicaChooserTests()
    {
        _rules = new BreakerRules(new BreakerOptions(), _time);
        _chooser = new ReplicaChooser(_rules, _time);
    }

    [Fact]
    public void Replicas_that_nothing_tells_apart_get_the_same_number()
    {
        var deployment = Of(3);

        var chosen = Enumerable.Range(0, 3000).Select(_ => Choose(deployment)).CountBy(replica => replica.Id).ToList();

        chosen.ShouldAllBe(each => each.Value >= 900 && each.Value <= 1100);
    }

    [Fact]
    public void The_sooner_one_gets_nearly_all_until_the_other_may_have_become_so_too()
    {
        var deployment = Of(2);
        Learn(deployment.Replicas[0], 10);
        Learn(deployment.Replicas[1], 310);

        Enumerable.Range(0, 1000).Count(_ => Choose(deployment) == deployment.Replicas[0]).ShouldBeGreaterThanOrEqualTo(900);

        _time.Advance(TimeSpan.FromMinutes(2));
        Enumerable.Range(0, 1000).Count(_ => Choose(deployment) == deployment.Replicas[1]).ShouldBeGreaterThan(400);
    }

    [Fact]
    public void One_slow_answer_brands_no_replica()
    {
        var deployment = Of(2);
        deployment.Replicas[0].Latency(stream: true).Add(TimeSpan.FromSeconds(30), _time.GetTimestamp(), _time.TimestampFrequency);

        Enumerable.Range(0, 1000).Count(_ => Choose(deployment) == deployment.Replicas[0]).ShouldBeInRange(450, 550);
    }

    [Fact]
    public void A_sooner_one_with_many_requests_gives_way()
    {
        var deployment = Of(2);
        Learn(deployment.Replicas[0], 10);
        Learn(deployment.Replicas[1], 110);
        for (var i = 0; i < 12; i++)
        {
            deployment.Replicas[0].Begin(0);
        }

        Choose(deployment).ShouldBe(deployment.Replicas[1]);
    }

    [Fact]
    public void Requests_that_begin_the_same_stay_together_and_keys_spread()
    {
        var deployment = Of(4);

        for (var key = 1ul; key < 20; key++)
        {
            var affinity = new Affinity(Hash.Mix(key), ChoiceReason.Prefix);
            Enumerable.Range(0, 10).Select(_ => Choose(deployment, affinity)).Distinct().Count().ShouldBe(1);
        }

        Enumerable.Range(1, 200).Select(key => Choose(deployment, new Affinity(Hash.Mix((ulong)key), ChoiceReason.Prefix))).CountBy(replica => replica.Id)
            .ShouldAllBe(each => each.Value > 20);
    }

    [Fact]
    public void A_replica_that_knows_the_prefix_gives_way_when_it_has_more_than_its_part()
    {
        var deployment = Of(3);
        var affinity = new Affinity(Hash.Mix(7), ChoiceReason.Prefix);
        var known = Choose(deployment, affinity);
        for (var i = 0; i < 4; i++)
        {
            Choose(deployment, affinity).ShouldBe(known);
            known.Begin(0);
        }

        Choose(deployment, affinity).ShouldNotBe(known);
    }

    [Fact]
    public void One_replica_less_moves_only_the_keys_that_it_had()
    {
        var all = Of(4);
        var fewer = new Deployment(all.Route, all.Replicas[..3]);
        var keys = Enumerable.Range(1, 300).Select(key => new Affinity(Hash.Mix((ulong)key), ChoiceReason.Prefix)).ToList();

        keys.Where(key => Choose(all, key) != all.Replicas[3]).ShouldAllBe(key => Choose(all, key) == Choose(fewer, key));
    }

    [Fact]
    public void What_failed_a_request_is_not_chosen_for_it_again()
    {
        var deployment = Of(2);

        for (var i = 0; i < 20; i++)
        {
            _chooser.Choose(deployment, default, true, [deployment.Replicas[0]], out var reason).ShouldBe(deployment.Replicas[1]);
            reason.ShouldBe(ChoiceReason.Failover);
        }

        _chooser.Choose(deployment, default, true, [.. deployment.Replicas], out _).ShouldBeNull();
    }

    [Fact]
    public void One_that_asked_for_time_is_asked_sooner_only_where_there_is_no_other_and_not_by_who_was_refused()
    {
        var deployment = Of(2);
        var (a, b) = (deployment.Replicas[0], deployment.Replicas[1]);
        a.Breaker.Paused(_time.GetTimestamp(), 60 * _time.TimestampFrequency, _rules);
        _time.Advance(TimeSpan.FromSeconds(2));

        _chooser.ChoosePaused(deployment, tried: null).ShouldBeNull("the other serves");
        b.Breaker.Paused(_time.GetTimestamp(), 60 * _time.TimestampFrequency, _rules);
        _chooser.ChoosePaused(deployment, [a]).ShouldBeNull();
        deployment.NextTrial([a]).ShouldBe(b.Breaker.AskFrom);
        deployment.NextTrial([a, b]).ShouldBe(a.Breaker.OpenUntil);
        _chooser.ChoosePaused(deployment, tried: null).ShouldBe(a);
        _chooser.ChoosePaused(deployment, tried: null).ShouldBeNull("one a second");
    }

    /// <summary>A copy closed breakers by answers that nobody had read, and never opened one.</summary>
    [Fact]
    public void A_copy_goes_to_none_that_is_set_aside_and_leaves_the_trial_to_a_request()
    {
        var deployment = Of(1);
        var breaker = deployment.Replicas[0].Breaker;
        breaker.Absent(_time.GetTimestamp(), _time.GetTimestamp(), _rules);
        _chooser.ChooseSpare(deployment, stream: true).ShouldBeNull();

        _time.Advance(TimeSpan.FromSeconds(1));

        _chooser.ChooseSpare(deployment, stream: true).ShouldBe(deployment.Replicas[0]);
        Choose(deployment).ShouldBe(deployment.Replicas[0]);
    }

    [Fact]
    public void Replicas_of_the_gateway_s_own_zone_are_asked_while_they_have_room_and_are_sound()
    {
        var chooser = new ReplicaChooser(_rules, _time, "eu-1");
        var (far, near) = (Replicas(2, from: 1, "eu-2"), Replicas(2, from: 3, "eu-1"));
        var deployment = OfZones([.. far, .. near], new RoutingPolicy { PreferZone = true });

        // 1. In turn, and what knows the prompt among them.
        var chosen = Enumerable.Range(0, 100).Select(_ => chooser.Choose(deployment, default, stream: true, tried: null, out var reason).ShouldNotBeNull()).CountBy(replica => replica.Id).ToDictionary();
        chosen.Keys.Order().ShouldBe(near.Select(replica => replica.Id).Order());
        chooser.Choose(deployment, default, stream: true, tried: null, out var why);
        why.ShouldBe(ChoiceReason.Zone);
        Enumerable.Range(1, 20).Select(key => chooser.Choose(deployment, new Affinity(Hash.Mix((ulong)key), ChoiceReason.Prefix), stream: true, tried: null, out _)).ShouldAllBe(replica => near.Contains(replica));

        // 2. One that failed this request, or is set aside, is not.
        chooser.Choose(deployment, default, stream: true, [near[0]], out _).ShouldBe(near[1]);
        far.ShouldContain(chooser.Choose(deployment, default, stream: true, [.. near], out _));

        // 3. Nor are they, when another has far less to do.
        foreach (var replica in near)
        {
            for (var i = 0; i < 6; i++)
            {
                replica.Begin(0);
            }
        }

        Enumerable.Range(0, 8).Count(_ => far.Contains(chooser.Choose(deployment, default, stream: true, tried: null, out var _))).ShouldBeGreaterThanOrEqualTo(4, "each of them is one of the two in its turn");

        // 4. Without the policy, or where the gateway does not know its own zone, all are alike.
        foreach (var (one, of) in new[] { (chooser, OfZones([.. far, .. Replicas(2, from: 5, "eu-1")], null)), (_chooser, OfZones([.. Replicas(4, from: 7, "eu-1")], new RoutingPolicy { PreferZone = true })) })
        {
            Enumerable.Range(0, 100).Select(_ => one.Choose(of, default, stream: true, tried: null, out var _)?.Id).Distinct().Count().ShouldBe(4);
        }
    }

    private static Replica[] Replicas(int count, int from, string zone) =>
        [.. Enumerable.Range(from, count).Select(number => new Replica($"127.0.0.1:{number}", new Uri($"http://127.0.0.1:{number}/")) { Zone = zone })];

    private static Deployment OfZones(Replica[] replicas, RoutingPolicy? policy) => new(
        new DeploymentRoute(Guid.CreateVersion7(), "default", "demo-chat", "project", "chat", "demo-chat", 1, "", 0, DateTimeOffset.UnixEpoch, []) { Routing = policy }, replicas);

    private static Deployment Of(int replicas) => new(
        new DeploymentRoute(Guid.CreateVersion7(), "default", "demo-chat", "project", "chat", "demo-chat", 1, "", 0, DateTimeOffset.UnixEpoch, []),
        [.. Enumerable.Range(1, replicas).Select(number => new Replica($"127.0.0.1:{number}", new Uri($"http://127.0.0.1:{number}/")))]);

    private Replica Choose(Deployment deployment, Affinity affinity = default) =>
        _chooser.Choose(deployment, affinity, stream: true, tried: null, out _).ShouldNotBeNull();

    private void Learn(Replica replica, int milliseconds)
    {
        for (var i = 0; i < 20; i++)
        {
            replica.Latency(stream: true).Add(TimeSpan.FromMilliseconds(milliseconds), _time.GetTimestamp(), _time.TimestampFrequency);
        }
    }
}
