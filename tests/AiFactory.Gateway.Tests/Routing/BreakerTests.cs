using AiFactory.Gateway.Routing;
using AiFactory.Testing;

namespace AiFactory.Gateway.Tests.Routing;

public sealed class BreakerTests
{
    private readonly ManualTimeProvider _time = new();
    private readonly Breaker _breaker = new();
    private readonly BreakerRules _rules;

    public BreakerTests() => _rules = new BreakerRules(new BreakerOptions(), _time);

    [Fact]
    public void One_that_refused_is_passed_over_longer_each_time_up_to_a_limit()
    {
        foreach (var seconds in (ReadOnlySpan<int>)[1, 2, 4, 4])
        {
            Enter().ShouldBeTrue();
            Refuse();
            _time.Advance(TimeSpan.FromSeconds(seconds) - TimeSpan.FromMilliseconds(1));
            Enter().ShouldBeFalse();
            _time.Advance(TimeSpan.FromMilliseconds(1));
        }
    }

    [Fact]
    public void After_a_pause_one_request_tries_and_the_rest_follow_its_success()
    {
        Refuse();
        _time.Advance(TimeSpan.FromSeconds(1));

        Enter().ShouldBeTrue();
        Enter().ShouldBeFalse("one is trying");
        _breaker.Succeeded(Now, _rules);
        Enter().ShouldBeTrue();
        Enter().ShouldBeTrue();
    }

    [Fact]
    public void A_trial_that_takes_long_lets_another_try_each_second()
    {
        Refuse();
        _time.Advance(TimeSpan.FromSeconds(1));
        Enter().ShouldBeTrue();

        _time.Advance(TimeSpan.FromSeconds(1));

        Enter().ShouldBeTrue();
        Enter().ShouldBeFalse();
    }

    [Fact]
    public void Requests_that_are_refused_together_count_as_one_failure()
    {
        var entered = Now;
        _time.Advance(TimeSpan.FromMilliseconds(5));
        for (var i = 0; i < 100; i++)
        {
            _breaker.Absent(entered, Now, _rules);
        }

        _time.Advance(TimeSpan.FromSeconds(1));
        Enter().ShouldBeTrue();
    }

    [Fact]
    public void Failed_answers_open_it_when_three_come_in_a_row()
    {
        Fail();
        Fail();
        _breaker.Succeeded(Now, _rules);
        Fail();
        Fail();
        Enter().ShouldBeTrue();

        Fail();

        Enter().ShouldBeFalse();
        _breaker.IsAbsent.ShouldBeFalse("it answers: to wait for it would not help");
    }

    [Theory]
    [InlineData(true)]
    [InlineData(false)]
    public void A_large_share_of_failures_opens_it_where_that_is_allowed(bool allowed)
    {
        for (var i = 0; i < 20; i++)
        {
            _breaker.Succeeded(Now, _rules);
            Fail(allowed);
            if (!Enter())
            {
                break;
            }
        }

        Enter().ShouldBe(!allowed);
    }

    [Fact]
    public void Failures_of_long_ago_count_no_more()
    {
        for (var i = 0; i < 4; i++)
        {
            Fail(mayShare: true);
            _breaker.Succeeded(Now, _rules);
        }

        _time.Advance(TimeSpan.FromMinutes(2));
        for (var i = 0; i < 8; i++)
        {
            _breaker.Succeeded(Now, _rules);
        }

        Fail(mayShare: true);
        _breaker.Succeeded(Now, _rules);
        Fail(mayShare: true);

        Enter().ShouldBeTrue();
    }

    [Fact]
    public void A_failed_trial_opens_it_again_at_once()
    {
        Refuse();
        _time.Advance(TimeSpan.FromSeconds(1));
        Enter().ShouldBeTrue();

        Fail();

        _time.Advance(TimeSpan.FromSeconds(1.9));
        Enter().ShouldBeFalse();
        _time.Advance(TimeSpan.FromSeconds(0.2));
        Enter().ShouldBeTrue();
    }

    [Fact]
    public void A_time_that_the_replica_named_is_kept_and_is_no_failure()
    {
        _breaker.Paused(Now, 7 * _time.TimestampFrequency, _rules);

        _time.Advance(TimeSpan.FromSeconds(6.9));
        Enter().ShouldBeFalse();
        _breaker.IsAbsent.ShouldBeTrue();
        _time.Advance(TimeSpan.FromSeconds(0.1));
        Enter().ShouldBeTrue();
        _breaker.Succeeded(Now, _rules);
        _breaker.IsSound(Now, _rules).ShouldBeTrue();
    }

    [Fact]
    public void One_that_asked_for_time_may_be_asked_once_a_second_by_who_has_no_other()
    {
        _breaker.Paused(Now, 60 * _time.TimestampFrequency, _rules);
        Ask().ShouldBeFalse("it has just said so");

        for (var second = 0; second < 3; second++)
        {
            _time.Advance(TimeSpan.FromSeconds(1));
            _breaker.AskFrom.ShouldBe(Now);
            Ask().ShouldBeTrue();
            Ask().ShouldBeFalse("one is asking");
        }

        Enter().ShouldBeFalse("for the others its time counts");
        _breaker.Succeeded(Now, _rules);
        Enter().ShouldBeTrue();
        Ask().ShouldBeFalse("nothing is paused any more");
    }

    [Fact]
    public void One_that_failed_is_not_asked_before_its_time()
    {
        _breaker.Paused(Now, 60 * _time.TimestampFrequency, _rules);
        Refuse();

        _time.Advance(TimeSpan.FromSeconds(10));

        Ask().ShouldBeFalse();
        _breaker.AskFrom.ShouldBe(_breaker.OpenUntil);
    }

    private long Now => _time.GetTimestamp();

    private bool Enter() => _breaker.TryEnter(Now, _rules);

    private bool Ask() => _breaker.TryAsk(Now, _rules);

    private void Refuse() => _breaker.Absent(Now, Now, _rules);

    private void Fail(bool mayShare = false) => _breaker.Failed(Now, Now, _rules, mayShare);
}
