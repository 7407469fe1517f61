using AiFactory.Gateway.Routing;
using AiFactory.Testing;

namespace AiFactory.Gateway.Tests.Routing;

public sealed class ReplicaTests
{
    private static readonly TimeSpan Longest = TimeSpan.FromSeconds(4);

    private readonly ManualTimeProvider _time = new();
    private readonly Replica _replica = new("r", new Uri("http://127.0.0.1:1/"));

    [Fact]
    public void One_that_refused_is_passed_over_longer_each_time_up_to_a_limit()
    {
        foreach (var seconds in (ReadOnlySpan<int>)[1, 2, 4, 4])
        {
            Enter().ShouldBeTrue();
            Fail();
            _time.Advance(TimeSpan.FromSeconds(seconds) - TimeSpan.FromMilliseconds(1));
            Enter().ShouldBeFalse();
            _time.Advance(TimeSpan.FromMilliseconds(1));
        }
    }

    [Fact]
    public void After_an_ejection_one_request_tries_and_the_rest_follow_its_success()
    {
        Fail();
        _time.Advance(TimeSpan.FromSeconds(1));

        Enter().ShouldBeTrue();
        Enter().ShouldBeFalse("one is trying");
        _replica.Succeeded();
        Enter().ShouldBeTrue();
        Enter().ShouldBeTrue();
    }

    [Fact]
    public void A_trial_that_takes_long_lets_another_try_each_second()
    {
        Fail();
        _time.Advance(TimeSpan.FromSeconds(1));
        Enter().ShouldBeTrue();

        _time.Advance(TimeSpan.FromSeconds(1));

        Enter().ShouldBeTrue();
        Enter().ShouldBeFalse();
    }

    [Fact]
    public void Requests_that_fail_together_count_as_one_failure()
    {
        var entered = _time.GetTimestamp();
        _time.Advance(TimeSpan.FromMilliseconds(5));
        for (var i = 0; i < 100; i++)
        {
            _replica.Eject(entered, _time, Longest);
        }

        _time.Advance(TimeSpan.FromSeconds(1));
        Enter().ShouldBeTrue();
    }

    private bool Enter() => _replica.TryEnter(_time.GetTimestamp(), _time);

    private void Fail() => _replica.Eject(_time.GetTimestamp(), _time, Longest);
}
