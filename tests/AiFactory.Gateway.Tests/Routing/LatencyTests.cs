using AiFactory.Gateway.Routing;
using AiFactory.Testing;

namespace AiFactory.Gateway.Tests.Routing;

public sealed class LatencyTests
{
    private readonly ManualTimeProvider _clock = new();
    private readonly Latency _latency = new(TimeSpan.FromMinutes(2));

    private double Milliseconds => _latency.Milliseconds(_clock.GetTimestamp(), _clock.TimestampFrequency);

    [Fact]
    public void What_has_faded_does_not_come_back_with_the_next_answer()
    {
        Add(5000, times: 100);
        Milliseconds.ShouldBe(5000, 1);

        _clock.Advance(TimeSpan.FromHours(1));
        Milliseconds.ShouldBeLessThan(1);
        Add(100);

        Milliseconds.ShouldBe(100, 1);
    }

    [Fact]
    public void One_that_is_asked_seldom_and_is_as_slow_as_ever_is_known_to_be()
    {
        Add(700, times: 100);
        for (var i = 0; i < 20; i++)
        {
            _clock.Advance(TimeSpan.FromMinutes(1));
            Add(700);
        }

        Milliseconds.ShouldBe(700, 1);
    }

    [Fact]
    public void One_slow_answer_does_not_brand_one_of_which_nothing_is_known_or_was_for_an_hour()
    {
        Add(30_000);
        Milliseconds.ShouldBe(10, 0.1);

        Add(100, times: 100);
        _clock.Advance(TimeSpan.FromHours(1));
        Add(30_000);

        Milliseconds.ShouldBeLessThanOrEqualTo(250);
    }

    private void Add(double milliseconds, int times = 1)
    {
        for (var i = 0; i < times; i++)
        {
            _latency.Add(TimeSpan.FromMilliseconds(milliseconds), _clock.GetTimestamp(), _clock.TimestampFrequency);
        }
    }
}
